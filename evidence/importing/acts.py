"""The acts of a row and who was involved in them. Crimes are those the mapping spells out, never inferred."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.utils.translation import gettext as _

from evidence.importing.checking import check_keys, check_texts, check_type, join
from evidence.importing.errors import CellError, MappingError
from evidence.importing.templates import Scope
from evidence.importing.text import one_line
from evidence.importing.values import Compiler, Value, compile_value, whole_number

Problems = list[tuple[str, str]]


class InvolvementDraft(TypedDict):
    """Who took part, in which role; counts are people, None where the source gives none."""

    role: str
    count_min: int | None
    count_max: int | None
    description: str


class ActDraft(TypedDict):
    """One conduct. `crimes` are codes of the taxonomy, alleged."""

    title_en: str
    title_ko: str
    crimes: list[str]
    involvements: list[InvolvementDraft]


@dataclass(frozen=True, slots=True)
class When:
    """A condition on one value; without texts it always holds."""

    value: Value | None = None
    texts: frozenset[str] = frozenset()
    negated: bool = False

    def __call__(self, scope: Scope) -> bool:
        return self.value is None or ((self.value(scope) in self.texts) != self.negated)


@dataclass(frozen=True, slots=True)
class Count:
    """The smallest or largest of some numbers; the first is the one the source means."""

    values: tuple[Value, ...]
    choose: Callable[[list[int]], int]

    def __call__(self, scope: Scope, warnings: Problems) -> int | None:
        numbers = [whole_number(value(scope), value.column) for value in self.values]
        known = [number for number in numbers if number is not None]
        if not known:
            return None
        chosen = self.choose(known)
        if numbers[0] is not None and chosen != numbers[0]:
            warnings.append(
                (
                    self.values[0].column,
                    _("The numbers contradict each other: %(stated)d is stated, %(chosen)d was taken.")
                    % {"stated": numbers[0], "chosen": chosen},
                )
            )
        return chosen


@dataclass(frozen=True, slots=True)
class Involvement:
    """How the rows of a mapping name one involvement."""

    when: When
    role: Value
    count_min: Count
    count_max: Count
    description: Value

    def __call__(self, scope: Scope, warnings: Problems) -> InvolvementDraft | None:
        if not self.when(scope):
            return None
        low, high = self.count_min(scope, warnings), self.count_max(scope, warnings)
        if low is not None and high is not None and low > high:
            raise CellError(
                self.count_min.values[0].column,
                _("The smallest number (%(low)d) is greater than the largest (%(high)d).") % {"low": low, "high": high},
            )
        return {
            "role": self.role(scope),
            "count_min": low,
            "count_max": high,
            "description": one_line(self.description(scope)),
        }


@dataclass(frozen=True, slots=True)
class Act:
    """How the rows of a mapping name one act."""

    when: When
    title_en: Value
    title_ko: Value
    crimes: tuple[Value, ...]
    involvements: tuple[Involvement, ...]

    def __call__(self, scope: Scope, problems: Problems, warnings: Problems) -> ActDraft | None:
        involvements = []
        try:
            if not self.when(scope):
                return None
            crimes = [code for crime in self.crimes if (code := crime(scope))]
            titles = one_line(self.title_en(scope)), one_line(self.title_ko(scope))
            for involvement in self.involvements:
                if (draft := involvement(scope, warnings)) is not None:
                    involvements.append(draft)
        except CellError as error:
            problems.append((error.column, error.reason))
            return None
        return {
            "title_en": titles[0],
            "title_ko": titles[1],
            "crimes": list(dict.fromkeys(crimes)),
            "involvements": involvements,
        }


def compile_act(spec: object, key: str, compiler: Compiler) -> Act:
    """Return the act that `spec` describes: {"title_en", "title_ko", "crimes", "involvements", "when"}."""
    spec = check_keys(spec, key, allowed=("when", "title_en", "title_ko", "crimes", "involvements"))
    for name in ("crimes", "involvements"):
        check_type(spec.get(name, []), list, join(key, name))
    return Act(
        _when(spec.get("when"), join(key, "when"), compiler),
        compile_value(spec.get("title_en", ""), join(key, "title_en"), compiler),
        compile_value(spec.get("title_ko", ""), join(key, "title_ko"), compiler),
        tuple(
            compile_value(crime, f"{key}.crimes[{index}]", compiler)
            for index, crime in enumerate(spec.get("crimes", []))
        ),
        tuple(
            _involvement(entry, f"{key}.involvements[{index}]", compiler)
            for index, entry in enumerate(spec.get("involvements", []))
        ),
    )


def _involvement(spec: object, key: str, compiler: Compiler) -> Involvement:
    spec = check_keys(spec, key, allowed=("when", "role", "count_min", "count_max", "description"), required=("role",))
    return Involvement(
        _when(spec.get("when"), join(key, "when"), compiler),
        compile_value(spec["role"], join(key, "role"), compiler),
        _count(spec.get("count_min", ""), join(key, "count_min"), compiler),
        _count(spec.get("count_max", ""), join(key, "count_max"), compiler),
        compile_value(spec.get("description", ""), join(key, "description"), compiler),
    )


def _count(spec: object, key: str, compiler: Compiler) -> Count:
    choose: Callable[[list[int]], int] = min
    listed = [str(spec) if isinstance(spec, int) and not isinstance(spec, bool) else spec]
    if isinstance(spec, dict) and ("smallest" in spec or "largest" in spec):
        check_keys(spec, key, allowed=("smallest", "largest"))
        if len(spec) != 1:
            raise MappingError(key, _("Give either “smallest” or “largest”."))
        name, listed = next(iter(spec.items()))
        check_type(listed, list, join(key, name))
        if not listed:
            raise MappingError(join(key, name), _("This list is empty."))
        choose = min if name == "smallest" else max
    return Count(tuple(compile_value(entry, f"{key}[{i}]", compiler) for i, entry in enumerate(listed)), choose)


def _when(spec: object, key: str, compiler: Compiler) -> When:
    if spec is None:
        return When()
    spec = check_keys(spec, key, allowed=("value", "is", "is_not"), required=("value",))
    if ("is" in spec) == ("is_not" in spec):
        raise MappingError(key, _("Give either “is” or “is_not”."))
    name = "is" if "is" in spec else "is_not"
    texts = frozenset(check_texts(spec[name], join(key, name)))
    return When(compile_value(spec["value"], join(key, "value"), compiler), texts, negated=name == "is_not")
