"""A live figure in a notebook with a kernel: the page's script, mounted by anywidget, and Python that answers it."""

from collections.abc import Callable, Mapping
from string import Template

import anywidget
import traitlets

from twinlib.errors import InputError

# The script gets `host`: its data, and `ask(question, then)`, which sends a question and calls `then` with the answer.
HOST = Template("""
const mount = $script;
export default {
  render({ model, el }) {
    el.innerHTML = model.get("inner");
    const waiting = new Map();
    let number = 0;
    model.on("msg:custom", (message) => {
      const then = waiting.get(message.number);
      waiting.delete(message.number);
      if (message.answer && then) then(message.answer);
      const status = el.querySelector("[role=status]");
      if (message.refused && status) status.textContent = message.refused;
    });
    mount(el.firstElementChild, {
      data: model.get("data"),
      ask(question, then) {
        number += 1;
        waiting.set(number, then);
        model.send({ number, question });
      },
    });
  },
};
""")


class Mounted(anywidget.AnyWidget):
    """A live figure whose questions Python answers.

    Args:
        inner: the element as it shows first.
        data: what the script works on.
        answer: question → answer, both JSON; an `InputError` is shown in the element's status line.
    """

    _esm = ""
    inner = traitlets.Unicode().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)

    def __init__(self, inner: str, data: Mapping, answer: Callable[[dict], dict]) -> None:
        super().__init__(inner=inner, data=dict(data))
        self._answer = answer
        self.on_msg(self._asked)

    def _asked(self, _: object, content: dict, __: object) -> None:
        try:
            self.send({"number": content["number"], "answer": self._answer(content["question"])})
        except InputError as error:
            self.send({"number": content["number"], "refused": str(error)})


def mounted(script: str, inner: str, data: Mapping, answer: Callable[[dict], dict]) -> Mounted:
    """A live figure as a widget.

    Args:
        script: the page's own, a function of an element and a host.
        inner: one element, as it shows first.
        data: what the script works on, JSON.
        answer: question → answer, both JSON.
    """
    return type("MountedFigure", (Mounted,), {"_esm": HOST.substitute(script=script.strip())})(inner, data, answer)
