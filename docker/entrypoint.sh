#!/bin/sh
# What a container of Regulars is: web, worker, beat, or any command of `regulars` (migrate, list-businesses, …).
# Each replaces this shell, so that it gets the signals itself.
set -eu

celery() {
    exec python -m celery --app regulars.config.celery "$@"
}

case "${1:-web}" in
    web)
        exec python -m gunicorn regulars.config.wsgi:application --config python:regulars.config.gunicorn \
            --bind "0.0.0.0:${PORT:-8000}"
        ;;
    worker)
        celery worker --pool threads --concurrency "${WORKER_THREADS:-4}" --loglevel WARNING --without-mingle --without-gossip
        ;;
    beat)
        celery beat --loglevel WARNING
        ;;
    *)
        exec regulars "$@"
        ;;
esac
