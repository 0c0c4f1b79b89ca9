// The film strip opens at the frame that is shown, which on a phone is often beyond the edge.
const film = document.querySelector(".strip__film");
const shown = film.querySelector("[aria-current]");
if (shown) film.scrollLeft = shown.getBoundingClientRect().right - film.getBoundingClientRect().right + shown.offsetWidth / 2;
