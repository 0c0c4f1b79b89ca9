# syntax=docker/dockerfile:1
# web: the site and the house, without PyTorch. paint: the same with PyTorch, for the GPU.
FROM python:3.12-slim AS web
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 STATIC_ROOT=/srv/ostagram/static
WORKDIR /app
COPY requirements/web.txt requirements/
RUN pip install --require-hashes -r requirements/web.txt
COPY . .
RUN useradd --system --create-home --home-dir /srv/ostagram ostagram \
    && mkdir -p /srv/ostagram/media /srv/ostagram/static \
    && OSTAGRAM_VAR=/tmp/build python manage.py collectstatic --no-input \
    && rm -r /tmp/build \
    && chown -R ostagram: /srv/ostagram
USER ostagram
EXPOSE 8000
CMD ["gunicorn", "ostagram.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--logger-class", "ostagram.logs.Gunicorn"]

FROM web AS paint
USER root
COPY requirements/worker.txt requirements/
RUN pip install --require-hashes -r requirements/worker.txt
USER ostagram
CMD ["celery", "-A", "ostagram", "worker", "-Q", "paint", "-n", "paint@%h", "-c", "1", "-P", "prefork", "-I", "worker.tasks", "--without-gossip", "--without-mingle"]
