"""Live figures opened from disk in a browser that watches what they ask for and complain about."""

from contextlib import contextmanager
from pathlib import Path

from browsing import PATIENCE_MS

AXE = Path(__file__).parents[2] / "vendor/tests/axe.min.js"


@contextmanager
def opened(browser, file, **options):
    """A page from disk; on leaving, nothing was asked of the network and nothing was complained of."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert errors == []
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}  # a widget is a blob


def violations(page):
    """What axe finds."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    return {each["id"]: [node["html"][:160] for node in each["nodes"]] for each in found}


def fits(page):
    """Nothing sticks out sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def too_small(page):
    """Controls that a finger cannot hit: their box, or the label around them, is lower than 44 px."""
    script = """[...document.querySelectorAll('button, select, input')].filter(e => e.offsetParent !== null)
        .map(e => e.closest('label') || e).filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
    return page.evaluate(script)


def step(page, selector, direction):
    """Move a native slider one step by the keyboard."""
    page.locator(selector).focus()
    page.keyboard.press({1: "ArrowRight", -1: "ArrowLeft"}[direction])


# A notebook's side of a widget, without a notebook: answers every question by `answers(question)`, a JavaScript text.
NOTEBOOK = """async ([esm, inner, data, answers]) => {
    const module = await import(URL.createObjectURL(new Blob([esm], {type: 'text/javascript'})));
    const heard = [], answer = eval(answers), el = document.querySelector('main');
    window.asked = [];
    const model = {
        get: (name) => ({inner, data})[name],
        on: (name, then) => heard.push(then),
        send: ({number, question}) => {
            window.asked.push(question);
            heard.forEach((then) => then({number, ...answer(question)}));
        },
    };
    module.default.render({model, el});
}"""


def in_notebook(page, widget, answers):
    """Mount a widget of `twinlib.figures.alive.kernel` in a page."""
    page.evaluate(NOTEBOOK, [widget._esm, widget.inner, widget.data, answers])
