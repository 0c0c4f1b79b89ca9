// What of the photo stays as it is: strokes and pictures in the photo's own pixels, so that it can be turned and cropped afterwards.
import { fit, matrix, size } from "./desk-framing.js";

const SIDE = 1024; // px, the long side of what is sent

export class Mask {
  constructor(photo, layers = []) {
    this.photo = photo;
    this.layers = layers;
  }

  /** A picture that is white where the photo stays, lying over the photo framed like `framing`. */
  static async layer(url, framing, kept = false) {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height), { data } = pixels;
    for (let i = 0; i < data.length; i += 4) {
      data[i + 3] *= (0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]) / 255;
      data[i] = data[i + 1] = data[i + 2] = 255;
    }
    context.putImageData(pixels, 0, 0);
    return { canvas, framing, kept };
  }

  /** Draw what stays in `colour` onto a canvas of the framed photo; all else is left transparent. */
  draw(canvas, framing, scale, colour) {
    const context = canvas.getContext("2d");
    context.resetTransform();
    context.clearRect(0, 0, canvas.width, canvas.height);
    const place = matrix(this.photo, framing, scale);
    for (const layer of this.layers) this.drawLayer(context, layer, place);
    context.resetTransform();
    context.globalCompositeOperation = "source-in";
    context.fillStyle = colour;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = "source-over";
  }

  drawLayer(context, layer, place) {
    if (layer.clear) {
      context.resetTransform();
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    } else if (layer.canvas) {
      const { width, height } = size(this.photo, layer.framing);
      context.setTransform(place.multiply(matrix(this.photo, layer.framing, 1).inverse()));
      context.drawImage(layer.canvas, 0, 0, width, height);
    } else stroke(context, layer, place);
  }

  /** The mask as a file for the form; null where nothing of the framed photo is protected. */
  file(framing) {
    if (!this.layers.length) return null;
    const canvas = document.createElement("canvas"), context = canvas.getContext("2d", { willReadFrequently: true });
    this.draw(canvas, framing, fit(canvas, this.photo, framing, SIDE), "#fff");
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    if (!data.some((value, i) => i % 4 === 3 && value > 8)) return null;
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const bytes = atob(canvas.toDataURL("image/png").split(",")[1]); // at once: the form may be sent in the next moment
    return new File([Uint8Array.from(bytes, (char) => char.charCodeAt(0))], "mask.png", { type: "image/png" });
  }
}

/** A stroke of a round brush: points and radius in px of the photo. */
export function stroke(context, { points, radius, erase }, place, colour = "#fff") {
  context.setTransform(place);
  context.globalCompositeOperation = erase ? "destination-out" : "source-over";
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 2 * radius;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  if (points.length === 1) context.arc(points[0].x, points[0].y, radius, 0, 2 * Math.PI);
  for (const { x, y } of points) if (points.length > 1) context.lineTo(x, y);
  if (points.length === 1) context.fill(); else context.stroke();
  context.globalCompositeOperation = "source-over";
}
