def test_links_that_sign_somebody_in_are_not_written_down():
    from regulars.config.logs import hide_tokens

    written = hide_tokens(None, "info", {"request": "GET /welcome/eyJzIjoi:1abc/ HTTP/1.1"})
    assert written["request"] == "GET /welcome/…/ HTTP/1.1"
