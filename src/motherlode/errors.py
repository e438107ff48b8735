"""Errors that teach: each says what came, what was expected and what to do."""

LONGEST = 1_000  # characters of a message: damaged input may hold anything, its echo should still be readable


class MotherlodeError(Exception):
    """Anything that the user can put right; the command line prints it in one line and exits with 2."""

    def __str__(self) -> str:
        text = super().__str__()
        return text if len(text) <= LONGEST else f"{text[:700]} … {text[-250:]}"


class BadInput(MotherlodeError):
    """A value that cannot be used as it came."""


class UnknownAsteroid(BadInput):
    """A name that is in no catalogue; carries the nearest names."""

    def __init__(self, name: str, nearest: list[str]):
        self.name, self.nearest = name, nearest
        hint = f"did you mean {', '.join(nearest)}?" if nearest else "try: motherlode catalogue query"
        super().__init__(f"no asteroid called {name!r} in the catalogue; {hint}")


class UnknownName(BadInput):
    """A body, port, product, destination or setting that does not exist; carries the choices."""

    def __init__(self, kind: str, name: str, choices: list[str]):
        self.kind, self.name, self.choices = kind, name, choices
        super().__init__(f"no {kind} called {name!r}; choose one of: {', '.join(choices)}")


class BadEpoch(BadInput):
    """A date that cannot be read."""


class OutsideEphemeris(BadInput):
    """An epoch that no loaded table covers."""


class BadStudy(BadInput):
    """A study file that does not hold together."""


class BadSource(BadInput):
    """A catalogue file or service answer that is not what it claims to be."""


class NoSolution(MotherlodeError):
    """The problem is well posed and has no answer; says which limit was in the way."""


class Refused(MotherlodeError):
    """A plan that a safety gate stops, with the gate and its reason."""


class StoreError(MotherlodeError):
    """Results cannot be written or are damaged; what was there before is intact."""


class DownloadError(MotherlodeError):
    """A service did not answer as it should; the last good copy is still in use."""
