# install.sh worker|dev: installs requirements/$1.txt into the environment of $PY.   install.sh lock: makes the lists.
set -eu

uv() { "$PY" -m uv "$@"; }

# uv does not read pip's settings. Where this machine has some for pip and none for uv, they hold for uv too.
pip_setting() {
    for place in :env: install site user global; do
        "$PY" -m pip config get "$place.$1" 2>/dev/null && return
    done
    true
}
hand_over() { # variable of uv, setting of pip
    eval "given=\${$1:-}"
    if [ -z "$given" ]; then
        value=$(pip_setting "$2" | tr '\n' ' ' | sed 's/ *$//')
        if [ -n "$value" ]; then export "$1=$value"; fi
    fi
}
[ -n "${UV_INDEX_URL:-}" ] || hand_over UV_DEFAULT_INDEX index-url
hand_over UV_INSECURE_HOST trusted-host
hand_over SSL_CERT_FILE cert

install() {
    if ! uv pip install --python "$PY" --require-hashes -r "$1"; then
        echo "uv could not install $1; trying pip, which reads more of this machine's settings and takes longer" >&2
        "$PY" -m pip install --require-hashes -r "$1"
    fi
}

# The locked list without PyTorch and what only its CUDA builds need.
without_torch() {
    awk '/^[a-z]/ { skip = /^(torch|torchvision|triton)==/ || /^(nvidia|cuda)-/ } !skip' "$1"
}

lock() {
    for list in "web" "worker --extra worker --extra samples --extra till" \
        "dev --extra worker --extra samples --extra till --extra dev"; do
        set -- $list
        name=$1
        shift
        uv pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes --upgrade \
            --no-header --no-emit-index-url -o "requirements/$name.txt"
    done
    echo uv | uv pip compile - --universal --python-version 3.11 --generate-hashes --upgrade \
        --no-header --no-emit-index-url --no-annotate -o requirements/uv.txt
}

if [ "$1" = lock ]; then
    lock
elif [ -n "${TORCH_BACKEND:-}" ]; then
    rest=$(dirname "$PY")/../without-torch.txt
    without_torch "requirements/$1.txt" >"$rest"
    install "$rest"
    # shellcheck disable=SC2046 # two words are wanted
    uv pip install --python "$PY" --torch-backend "$TORCH_BACKEND" \
        $(grep -oE '^(torch|torchvision)==[0-9.]+' "requirements/$1.txt")
else
    install "requirements/$1.txt"
fi
