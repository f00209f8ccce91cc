"""What people type, send and put in addresses: never run, never more than was asked, never a defect."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from web.filled_register import PASSWORD, PEOPLE, Visitor, body, filled_register
from web.page_content import HOSTILE, faults_of_page, parsed, query_names, text_of, with_class
from web.page_table import ARGUMENTS, address
from web.whole_register import Register

if TYPE_CHECKING:
    from django.http import HttpResponse

    from geomonitor.findings import Edition

pytestmark = pytest.mark.django_db

NAMES = sorted(ARGUMENTS)
USERS = ("users", "user-new", "user-change")
LANGUAGES = ("en", "nl")
NASTY = (
    HOSTILE,
    "%' OR 1=1 --",
    "'; DROP TABLE register_case; --",
    "%_%",
    "\x00",
    "é" * 3000,
    "-1",
    "99999999999999999999",
    "1e400",
    "NaN",
    "../../etc/passwd",
    "\u202e\ufeff",
)
ANSWERED = {200, 302, 400, 404, 422}


@pytest.fixture(scope="module")
def register(
    django_db_setup: None, django_db_blocker: Any, edition_folder: Path, made_edition: Edition
) -> Iterator[Register]:
    with filled_register(django_db_blocker, edition_folder, made_edition, HOSTILE) as made:
        yield made


@pytest.fixture(scope="module")
def visitors(register: Register) -> Mapping[str, Visitor]:
    return {name: Visitor(register.users[name]) for name in PEOPLE}


@pytest.fixture(scope="module")
def stranger(register: Register) -> Visitor:
    return Visitor(None)


def in_language(visitor: Visitor, register: Register, who: str, language: str) -> None:
    """Have a visitor read in a language: users carry it with them."""
    user = register.users[who]
    if user.language != language:
        user.language = language
        user.save()


def more_addresses(register: Register) -> list[str]:
    """Give addresses beside those of the table of pages, which show what people wrote elsewhere."""
    closed, sealed = register.followed.reference, register.restricted.reference
    parts = ("", "risk/", "options/", "decision/", "follow-up/", "history/", "dossier/", "dossier/page.css")
    return [
        *(f"/cases/{reference}/{part}" for reference in (closed, sealed) for part in parts),
        f"/jobs/{register.jobs['failed'].pk}/",
        *(f"/tour/?step={number}" for number in range(1, 6)),
        "/search/?q=script",
    ]


# --- log-in: these come first, each with a database of its own ----------------------------------------
@pytest.fixture
def user(db: None) -> Any:
    from geomonitor.register.models import User

    return User.objects.create_user("somebody", "somebody@example.org", PASSWORD, role="analyst")


def log_in(client: Client, password: str = PASSWORD, name: str = "somebody", **more: Any) -> HttpResponse:
    """Send the form to log in."""
    return client.post("/log-in/", {"username": name, "password": password}, **more)


def test_a_session_from_before_the_log_in_is_not_gone_on_with(user: Any) -> None:
    client = Client()
    client.session["planted"] = "by somebody else"
    client.session.save()
    before = client.cookies.get(settings.SESSION_COOKIE_NAME)
    assert log_in(client).status_code == 302
    after = client.cookies[settings.SESSION_COOKIE_NAME]
    assert before is None or after.value != before.value
    assert after["httponly"]
    assert after["samesite"] == "Lax"
    again = Client()
    again.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    log_in(again)
    assert again.cookies[settings.SESSION_COOKIE_NAME].value != "a" * 32


def test_the_session_ends_at_log_out(user: Any) -> None:
    client = Client()
    log_in(client)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/log-out/")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert thief.get("/account/").status_code == 302


def test_five_wrong_passwords_close_the_account_to_that_address(user: Any) -> None:
    client = Client()
    for _ in range(4):
        assert log_in(client, "wrong").status_code == 200
    assert log_in(client, "wrong").status_code == 429
    shut = log_in(client)
    assert shut.status_code == 429
    assert int(shut["Retry-After"]) > 0
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    # somebody elsewhere cannot be locked out by it
    assert log_in(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302


def test_an_account_that_is_not_there_is_answered_as_one_that_is(user: Any) -> None:
    answers = []
    for name in ("somebody", "nobody-at-all"):
        client = Client()
        pages = [log_in(client, "wrong", name) for _ in range(6)]
        texts = [
            re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken)[^>]*', "", each.content.decode())
            for each in pages
        ]
        answers.append(
            [(each.status_code, text.replace(name, "")) for each, text in zip(pages, texts, strict=True)]
        )
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "\x00",
    ],
)
def test_nobody_is_led_elsewhere(user: Any, wanted: str) -> None:
    client = Client()
    answer = client.post("/log-in/", {"username": "somebody", "password": PASSWORD, "next": wanted})
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    for address_, sent in (("/language/", {"language": "nl"}), ("/theme/", {"theme": "dark"})):
        answer = client.post(address_, {**sent, "next": wanted})
        assert answer["Location"] == "/", address_


def test_a_host_that_is_not_ours_is_refused(db: None) -> None:
    client = Client(raise_request_exception=False)
    for host in ("elsewhere.example", "localhost.elsewhere.example", "a b", "localhost:80\r\nX: y"):
        assert client.get("/log-in/", headers={"host": host}).status_code == 400
    forwarded = client.get("/log-in/", headers={"x-forwarded-host": "elsewhere.example"})
    assert b"elsewhere.example" not in forwarded.content


def test_behind_https_cookies_are_secure_and_browsers_stay_there(tmp_path: Path) -> None:
    code = (
        "import json; from geomonitor.web import settings as s; print(json.dumps([s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.DEBUG, "
        "s.SECURE_HSTS_SECONDS >= 31536000]))"
    )
    wanted = {"GEOMONITOR_HTTPS": "1", "GEOMONITOR_HOME": str(tmp_path), "GEOMONITOR_SECRET_KEY": "x" * 60}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **wanted},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [True, True, True, True, False, True]


# --- what people wrote ------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_people_wrote_runs_in_a_page(
    language: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    faults: dict[str, list[str]] = {}
    seen = 0
    for who, names in (("analyst", NAMES), ("administrator", [*USERS, "audit-trail"])):
        in_language(visitors[who], register, who, language)
        urls = [address(name, register) for name in names]
        for url in urls + (more_addresses(register) if who == "analyst" else []):
            answer = visitors[who].get(url)
            assert answer.status_code < 500, url
            # what a page has whoever wrote it was read in English already
            found = faults_of_page(answer) if language == "en" else faults_where_sent(answer)
            if found:
                faults[url] = found
            if answer.status_code == 200 and not answer.streaming:
                if answer["Content-Type"].startswith("text/html"):
                    assert f'<html lang="{language}"' in answer.content.decode(), url
                seen += b"&lt;script&gt;alert(1)" in answer.content
    assert faults == {}
    # that it stands there at all, as text, is what makes the rest mean something
    assert seen > 30


def test_what_was_written_stands_there_to_the_sign(
    register: Register, visitors: Mapping[str, Visitor]
) -> None:
    page = parsed(visitors["analyst"].get(address("case", register)))
    assert HOSTILE in text_of(page)
    data = json.loads(visitors["analyst"].get(address("case-json", register)).content)
    assert HOSTILE in json.dumps(data, ensure_ascii=False).replace('\\"', '"')


def test_a_style_sheet_with_a_title_in_it_says_nothing_more(
    register: Register, visitors: Mapping[str, Visitor]
) -> None:
    sheet = visitors["analyst"].get(address("case-dossier-style", register)).content.decode()
    assert "<script" not in sheet
    assert sheet.count("{") == sheet.count("}")
    texts = re.findall(r'"[^"]*"', sheet)
    assert all(re.fullmatch(r'"(?:[A-Za-z0-9 /]|\\[0-9a-f]+ )*"', each) for each in texts)


POSTED = (
    "case-new", "case-change", "case-record-change", "case-record-withdraw", "case-withdraw",
    "case-step-reopen", "case-decision-propose", "case-attach", "instrument-new", "instrument-change",
    "coercion-case-new", "coercion-case-change", "scenarios", "api-tokens", "account", "change-password",
    "job-new-edition",
)  # fmt: skip


@pytest.mark.parametrize("name", POSTED)
def test_a_form_with_nonsense_comes_back_as_it_was_typed(
    name: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    url = address(name, register)
    page = parsed(visitors["analyst"].get(url))
    fields = {each.get("name", "") for each in page.iter() if each.tag in {"input", "select", "textarea"}} - {
        "",
        "csrfmiddlewaretoken",
    }
    for value in (HOSTILE, "\x00", "9" * 400, "NaN", "é" * 30_000):
        answer = visitors["analyst"].post(url, dict.fromkeys(fields, value))
        assert answer.status_code in ANSWERED, f"{value[:20]!r} in the form at {url}"
        assert faults_of_page(answer) == [], f"{value[:20]!r} in the form at {url}"


def faults_where_sent(answer: HttpResponse) -> list[str]:
    """Give the faults of a page that repeats what was sent; reading the others takes long."""
    return faults_of_page(answer) if b"alert(1)" in body(answer) else []


# --- addresses --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_no_address_is_a_defect_or_runs_anything(
    name: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    url = address(name, register)
    visitor = visitors["administrator" if name in {"audit-trail", "audit-export", *USERS} else "analyst"]
    first = visitor.get(url)
    if first.status_code != 200 or first.streaming or not first["Content-Type"].startswith("text/html"):
        names = {"q", "page"}
    else:
        names = query_names(first) | {"page", "q", "download", "table"}
    for number, query in enumerate(sorted(names)):
        for turn in (0, 7):
            value = NASTY[(number + turn) % len(NASTY)]
            answer = visitor.get(url, {query: value})
            assert answer.status_code in ANSWERED | {405}, f"{url}?{query}={value[:30]!r}"
            assert faults_where_sent(answer) == [], f"{url}?{query}={value[:30]!r}"
    # bytes that are no text
    assert visitor.get(f"{url}?q=%ff%fe&page=%c0%af").status_code in ANSWERED | {405}


@pytest.mark.parametrize(
    "part", ["<script>alert(1)</script>", "%00", "..%2f..", "'--", "%F0%9F%92%A9", "a" * 2000]
)
def test_no_part_of_an_address_is_a_defect(
    part: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    for url in (
        f"/editions/{part}/",
        f"/editions/{register.edition}/products/{part}/",
        f"/editions/{register.edition}/pairs/{part}/CHN/",
        f"/editions/{register.edition}/pairs/NLD/{part}/",
        f"/editions/{register.edition}/materials/{part}/",
        f"/editions/{register.edition}/figures/{part}/",
        f"/editions/{register.edition}/files/{part}/",
        f"/methods/{part}/",
        f"/cases/{part}/",
        f"/cases/{register.case.reference}/records/{part}/new/",
        f"/instruments/{part}/",
        f"/coercion/{part}/",
        f"/papers/{part}/",
        f"/papers/{part}/references/",
        f"/dossiers/{part}/",
        f"/motions/{part}/",
        f"/commitments/{part}/",
        f"/jobs/{part}/",
        f"/exchange/export/{part}/",
        f"/{part}",
    ):
        answer = visitors["analyst"].get(url)
        assert answer.status_code in {302, 404}, url
        assert faults_where_sent(answer) == [], url


@pytest.mark.parametrize("sign", ["%", "_", "\\", "'"])
def test_signs_of_like_find_only_themselves(
    sign: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    from geomonitor.register.models import Case

    marked, other = register.case, register.followed
    Case.objects.filter(pk=marked.pk).update(title=f"Marked{sign}here")
    Case.objects.filter(pk=other.pk).update(title="MarkedXhere", summary="", subject_name="Plain")
    for url, query in (("/cases/", "words"), ("/search/", "q")):
        main = _main_of(visitors["reader"].get(url, {query: f"Marked{sign}here"}))
        assert marked.reference in main, url
        assert other.reference not in main, url
        assert register.restricted.reference not in main, url


def _main_of(answer: HttpResponse) -> str:
    main = parsed(answer).find(".//main")
    assert main is not None
    return text_of(main)


# --- files that go out ------------------------------------------------------------------------------
def _downloads(answer: HttpResponse) -> set[str]:
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return set()
    found = set()
    for link in parsed(answer).iter("a"):
        href = link.get("href", "")
        if "download=" in href or "/export/" in href:
            found.add(answer.wsgi_request.path + href if href.startswith("?") else href)
    return found


def _unsafe_cells(answer: HttpResponse) -> list[str]:
    content = body(answer)
    if answer["Content-Type"].startswith("text/csv"):
        text = content.decode("utf-8-sig")
        separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        return [cell[:60] for cell in cells if cell.startswith(tuple("=+-@\t\r\n|")) and not _is_number(cell)]
    if "spreadsheetml" in answer["Content-Type"]:
        book = load_workbook(io.BytesIO(content))
        return [
            str(cell.value)[:60]
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f" or cell.hyperlink is not None
        ]
    if "json" in answer["Content-Type"]:
        return []
    raise AssertionError(f"an unknown kind of file: {answer['Content-Type']}")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+([.,][0-9]+)?(e[-+][0-9]+)?", text) is not None


@pytest.mark.parametrize("name", NAMES)
def test_no_file_that_goes_out_has_a_formula_in_it(
    name: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    visitor = visitors["administrator" if name.startswith("audit") else "analyst"]
    for url in sorted(_downloads(visitor.get(address(name, register)))):
        answer = visitor.get(url)
        assert answer.status_code == 200, url
        assert "attachment" in answer["Content-Disposition"], url
        assert _unsafe_cells(answer) == [], url


@pytest.mark.parametrize("lead", list("=+-@\t\r"))
def test_text_that_a_spreadsheet_would_run_is_neutral_in_every_export(
    lead: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    from geomonitor.register.models import Instrument

    text = f"{lead}HYPERLINK(1)"
    Instrument.objects.filter(pk=register.instrument.pk).update(name_en=text, name_nl=text)
    found = 0
    for url in ("/instruments/?download=csv", "/instruments/?download=xlsx", "/exchange/export/xlsx/"):
        answer = visitors["analyst"].get(url)
        assert _unsafe_cells(answer) == []
        found += url.endswith("csv") and b"HYPERLINK(1)" in body(answer)
    assert found, "the text does not stand in the export, so this tests nothing"


# --- files that come in -----------------------------------------------------------------------------
def _zip(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">&a;&b;</workbook>'
)
UPLOADS: Mapping[str, tuple[str, bytes]] = {
    "empty": ("a.xlsx", b""),
    "no workbook": ("a.xlsx", b"MZ\x90\x00 this is a program"),
    "half a zip": ("a.xlsx", _zip(**{"xl__workbook.xml": b"<x/>"})[:40]),
    "zip without a workbook": ("a.xlsx", _zip(readme=b"hello")),
    "zip bomb": ("a.xlsx", _zip(**{"xl__workbook.xml": b" " * 60_000_000})),
    "way out of the folder": ("a.xlsx", _zip(**{"..__..__etc__passwd": b"x"})),
    "entities": ("a.xlsx", _zip(**{"[Content_Types].xml": ENTITY, "xl__workbook.xml": ENTITY})),
    "deep JSON": ("a.json", b"[" * 200_000),
    "deep JSON, closed": ("a.json", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    "JSON of another form": ("a.json", b'{"cases": "none"}'),
    "JSON list": ("a.json", b"[1, 2, 3]"),
    "NaN": ("a.json", b'{"format": NaN}'),
    "not UTF-8": ("a.json", b'{"format": "\xff\xfe"}'),
    "huge number": ("a.json", b'{"format": ' + b"9" * 10_000 + b"}"),
    "name with a path": ("../../x.json", b"{}"),
    "name that runs": ("<script>alert(1)</script>.json", b"{}"),
}


@pytest.mark.parametrize("kind", sorted(UPLOADS))
@pytest.mark.parametrize(("url", "field"), [("/exchange/import/", "file"), ("/jobs/new-edition/", "file")])
def test_a_file_that_is_not_right_is_refused_in_words(
    url: str, field: str, kind: str, register: Register, visitors: Mapping[str, Visitor]
) -> None:
    name, content = UPLOADS[kind]
    answer = visitors["analyst"].post(url, {field: SimpleUploadedFile(name, content)})
    assert answer.status_code in {400, 413}
    assert faults_of_page(answer) == []
    said = " ".join(text_of(each) for each in with_class(parsed(answer), "errors", "errorlist", "warning"))
    assert len(said.split()) > 4, "nothing says what is wrong"
    assert "Traceback" not in said
    assert "passwd" not in said.replace("etc/passwd", "")


@pytest.mark.parametrize("url", ["/exchange/import/", "/jobs/new-edition/"])
def test_a_file_over_the_limit_is_stopped(
    url: str, register: Register, visitors: Mapping[str, Visitor], settings: Any
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    for size in (1024 * 1024 + 1, 3 * 1024 * 1024):
        answer = visitors["analyst"].post(url, {"file": SimpleUploadedFile("a.json", b" " * size)})
        assert answer.status_code == 413
        assert re.search(r"\b(1 MB|[0-9]+ kB|[0-9]+ KB)\b", answer.content.decode()), (
            "the page does not say how large"
        )


def test_a_form_of_too_many_or_too_large_fields_is_refused(
    register: Register, visitors: Mapping[str, Visitor]
) -> None:
    url = address("case-new", register)
    assert visitors["analyst"].post(url, {f"field{number}": "x" for number in range(600)}).status_code == 400
    assert visitors["analyst"].post(url, {"title": "x" * (3 * 1024 * 1024)}).status_code in {400, 413}


# --- headers ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_every_answer_says_what_a_browser_may_do_with_it(
    name: str, register: Register, visitors: Mapping[str, Visitor], stranger: Visitor
) -> None:
    url = address(name, register)
    for visitor in (visitors["administrator"], stranger):
        answer = visitor.get(url)
        policy = dict(
            each.strip().partition(" ")[::2] for each in answer["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["style-src-elem"] == "'self'"
        assert policy["connect-src"] == policy["form-action"] == policy["font-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert set(policy["img-src"].split()) == {"'self'", "data:", "blob:"}
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        kept = answer["Cache-Control"]
        assert "private" in kept
        # what may be kept is data of an edition, which never changes
        assert "no-store" in kept or name in {"base-map", "figure-data"}
        assert "Server" not in answer
