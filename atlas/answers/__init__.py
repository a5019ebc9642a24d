"""Answers: what fits, what covers a place, what may be compared, what a licence requires, how much it is.

One module per question, each a pure function over the catalogue and, where given, over what exists (`Holdings`). An
answer is data: a verdict, reasons with the field and the sources that they rest on, and warnings. API, site, commands
and notebooks only render it.
"""

from atlas.answers.verdicts import Answer, Reason, Verdict, combine

__all__ = ["Answer", "Reason", "Verdict", "combine"]
