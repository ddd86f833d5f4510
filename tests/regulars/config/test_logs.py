import structlog

from regulars.config.request_log import RequestLogMiddleware


def test_links_that_sign_somebody_in_are_not_written_down():
    from regulars.config.logs import hide_tokens

    written = hide_tokens(None, "info", {"request": "GET /welcome/eyJzIjoi:1abc/ HTTP/1.1"})
    assert written["request"] == "GET /welcome/…/ HTTP/1.1"


def test_a_request_is_logged_with_the_address_it_is_known_by_and_not_with_one_it_claims(rf):
    request = rf.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.1")
    with structlog.contextvars.bound_contextvars():
        RequestLogMiddleware.bind_ip(request)
        assert structlog.contextvars.get_contextvars()["ip"] == "203.0.113.7"
