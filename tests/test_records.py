"""Records: data classes whose methods are not compiled for each class."""

import dataclasses
import inspect
import pickle

import pytest

from chainrule.check.claims.discover import Discovery, Problem
from chainrule.check.reports.report import Report
from chainrule.records import record


@record(frozen=True)
class Place:
    """Where."""

    x: float
    y: float = 2.0
    names: list[str] = dataclasses.field(default_factory=list, repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class Twin:
    """Where."""

    x: float
    y: float = 2.0
    names: list[str] = dataclasses.field(default_factory=list, repr=False, compare=False)


@record
class Movable:
    x: float
    seen: int = 0

    def __post_init__(self):
        self.seen += 1


GIVEN = [((1.0,), {}), ((1.0, 3.0), {}), ((), {"x": 1.0}), ((1.0,), {"names": ["a"]}), ((1.0, 2.0, ["b"]), {})]
WRONG = [((), {}), ((), {"y": 1.0}), ((1.0,), {"z": 1.0}), ((1.0,), {"x": 2.0}), ((1.0, 2.0, [], 3.0), {})]


@pytest.mark.parametrize(("args", "named"), GIVEN)
def test_a_record_is_the_data_class_of_its_fields(args, named):
    ours, theirs = Place(*args, **named), Twin(*args, **named)
    assert repr(ours) == repr(theirs).replace("Twin", "Place")
    assert vars(ours) == vars(theirs)
    assert list(vars(ours)) == list(vars(theirs))
    assert ours == Place(*args, **named) != dataclasses.replace(ours, x=9.0)
    assert hash(ours) == hash(theirs)
    assert pickle.loads(pickle.dumps(ours)) == ours
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)


@pytest.mark.parametrize(("args", "named"), WRONG)
def test_other_fields_are_refused(args, named):
    with pytest.raises(TypeError, match=r"Place expects the fields x, y, names, got"):
        Place(*args, **named)


def test_what_is_frozen_does_not_change():
    place = Place(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.x = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        del place.x
    movable = Movable(1.0)
    movable.x = 2.0
    assert (movable.x, movable.seen) == (2.0, 1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(movable)


def test_factories_make_a_value_for_each():
    assert Place(1.0).names is not Place(1.0).names


@pytest.mark.parametrize("cls", [Report, Discovery, Problem, Place])
def test_signatures_say_the_fields(cls):
    assert list(inspect.signature(cls).parameters) == [f.name for f in dataclasses.fields(cls)]
