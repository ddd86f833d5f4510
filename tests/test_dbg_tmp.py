import re
from tests.test_bad_input import *
from tests.test_bad_input import _body
def test_dbg(business, owner, values, client_for):
    b = client_for(business, owner.user, "zh-hans")
    for w in (Wrong("/office/settings/business/", "accent", "blue", 422), Wrong("/counter/", "text", "-5", 422)):
        page = Forms(w.address); page.feed(b.get(w.address).content.decode())
        form = next(f for f in page.posted() if f.action == w.address)
        print(form)
        a = b.post(w.address, {**dict(form.values), w.field: w.value})
        t = a.content.decode()
        print(a.status_code, [m for m in re.findall(r"<(?:input|textarea|select)[^>]*>", t) if w.field in m], ERRORS.findall(t)[:5])
