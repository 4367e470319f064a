"""The pytest plugin in a project of its own: the fixture, the marker, the options, what the terminal shows."""

import ast
import json
import re
from pathlib import Path

import pytest

import _chainrule_pytest
import chainrule

pytest_plugins = ["pytester"]

LESSON = """
    import random
    import pytest

    def cube(x): return x**3
    def right(x): return 3 * x**2
    def wrong(x): return x**2

    def test_right(check_gradient):
        assert check_gradient(cube, right, at=[1.0, -2.0]).digits >= 10
    def test_wrong(check_gradient):
        check_gradient(cube, wrong)
    def test_undecided(check_gradient):
        check_gradient(lambda x: x * random.random(), right, at=1.0)
"""


@pytest.fixture(scope="module", autouse=True)
def libraries():
    """The witnesses' libraries, imported once: pytester forgets what a run imported, and NumPy does not bear that."""
    chainrule.check(abs, abs, at=1.0)


@pytest.fixture
def run(pytester, monkeypatch):
    """Writes test_lesson.py and runs pytest on it, with this plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("CI", raising=False)

    def run(text, *arguments):
        pytester.makepyfile(test_lesson=text)
        return pytester.runpytest("-p", "_chainrule_pytest", "--strict-markers", *arguments)

    return run


def test_right_wrong_and_undecided(run):
    result = run(LESSON)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "FAILED test_lesson.py::test_wrong - WRONG at 8 points: *",
            "FAILED test_lesson.py::test_undecided - UNDECIDED: RANDOM, *",
        ]
    )


def test_a_failure_shows_the_whole_report_below_the_line_of_the_test(run):
    text = run(LESSON, "-k", "wrong").stdout.str()
    assert "check_gradient(cube, wrong)" in text
    assert re.search(r"^E +likely cause   a constant factor: exactly 1/3 of the truth", text, re.MULTILINE)
    assert re.search(r"^E +repeat +chainrule.check\(cube, wrong, seed=", text, re.MULTILINE)
    assert "_chainrule_pytest.py" not in text  # the traceback ends in the test
    assert "__tracebackhide__" not in text


def test_seeds_are_the_same_in_every_run_and_different_for_every_test(run):
    show = """
        import pytest
        @pytest.mark.parametrize("k", range(3))
        def test_seed(check_gradient, k):
            print("seed", check_gradient(lambda x: x**3, lambda x: 3 * x**2).seed)
    """
    first, second = (re.findall(r"seed (\d+)", run(show, "-s").stdout.str()) for _ in range(2))
    assert first == second
    assert len(set(first)) == 3
    assert re.findall(r"seed (\d+)", run(show, "-s", "--chainrule-seed=5").stdout.str()) == ["5"] * 3


def test_the_marker_holds_settings_the_nearest_counts_and_the_call_outweighs_it(run):
    result = run("""
        import pytest
        pytestmark = pytest.mark.chainrule(rtol=1e-3, seed=3)

        def nearly(x): return 3.0003 * x**2
        def cube(x): return x**3

        def test_module(check_gradient):
            assert check_gradient(cube, nearly).seed == 3
        @pytest.mark.chainrule(rtol=1e-6)
        def test_nearer(check_gradient):
            with pytest.raises(AssertionError, match="WRONG"):
                check_gradient(cube, nearly)
            assert check_gradient(cube, nearly, rtol=1e-2, seed=9).seed == 9
    """)
    result.assert_outcomes(passed=2)
    assert run(LESSON, "--markers").stdout.str().count("@pytest.mark.chainrule(**settings): ") == 1


def test_a_marker_without_names_says_what_to_write(run):
    result = run("""
        import pytest
        @pytest.mark.chainrule(1e-6)
        def test_it(check_gradient):
            check_gradient(abs, abs, at=1.0)
    """)
    result.stdout.fnmatch_lines(["*expects settings by name, got (1e-06,): write @pytest.mark.chainrule(rtol=1e-6)*"])


def test_a_page_and_a_json_file_for_each_failure(run, pytester):
    text = LESSON.replace("def test_wrong(", '@pytest.mark.parametrize("case", ["a/b?<i>"])\n    def test_wrong(case, ')
    result = run(text, "--chainrule-report=out/reports")
    files = sorted(path.name for path in (pytester.path / "out" / "reports").iterdir())
    assert [re.sub("-[0-9a-f]{8}", "", name) for name in files] == [
        "test_lesson.py_test_undecided.html",
        "test_lesson.py_test_undecided.json",
        "test_lesson.py_test_wrong_a_b__i__.html",
        "test_lesson.py_test_wrong_a_b__i__.json",
    ]
    told = re.findall(r"^(\S+\.html) \(and \.json\)$", result.stdout.str(), re.MULTILINE)
    assert [(pytester.path / page).name for page in told] == [files[2], files[0]]
    document = json.loads((pytester.path / "out" / "reports" / files[3]).read_text())
    assert (document["verdict"], document["name"]) == ("WRONG", "wrong")
    page = (pytester.path / "out" / "reports" / files[2]).read_text()
    assert page.startswith("<!doctype html>")
    assert "<title>WRONG: test_lesson.py::test_wrong[a/b?&lt;i&gt;]</title>" in page


def test_no_reports_where_none_are_due(run, pytester):
    expected = LESSON.replace("def test_wrong", "@pytest.mark.xfail\n    def test_wrong")
    result = run(expected, "--chainrule-report=out", "-k", "right or wrong")
    result.assert_outcomes(passed=1, xfailed=1)
    assert "gradient reports" not in result.stdout.str()
    assert not (pytester.path / "out").exists()


def test_other_failures_and_bare_assert_gradient(run, pytester):
    result = run(
        """
        import chainrule as cr
        def test_other(): assert 1 == 2
        def test_bare(): cr.assert_gradient(abs, lambda x: 3.0, at=1.0)
        """,
        "--chainrule-report=out",
    )
    result.stdout.fnmatch_lines(["FAILED *::test_other - assert 1 == 2", "FAILED *::test_bare - WRONG at 1 *"])
    assert len(list((pytester.path / "out").iterdir())) == 2


CLAIMS = """
    import chainrule as cr
    def cube(x): return x**3
    @cr.gradient_of(cube, at=[1.0])
    def slope(x): return 3 * x**2
    @cr.gradient_of(cube, at=[1.0, 2.0])
    def steep(x): return 4 * x**2
    def test_plain(): pass
"""


def test_claims_are_tests_on_request_only(run):
    run(CLAIMS).assert_outcomes(passed=1)
    result = run(CLAIMS, "--chainrule-claims", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*::slope PASSED*", "*::steep FAILED*", "*constant factor: exactly 4/3 of the truth*"])
    assert "FAILED test_lesson.py::steep - WRONG at 2 points" in result.stdout.str()


def test_a_run_without_checks_leaves_no_trace_and_chainrule_is_imported_only_by_checks(run, pytester):
    run("def test_nothing(): pass", "--chainrule-report=out", "--junitxml=junit.xml").assert_outcomes(passed=1)
    assert not (pytester.path / "out").exists()
    plugin = ast.parse(Path(_chainrule_pytest.__file__).read_text(encoding="utf-8"))
    imported = [node.module for node in plugin.body if isinstance(node, ast.ImportFrom)]
    assert not [module for module in imported if module.startswith("chainrule")]


def test_a_worker_can_tell_what_a_failed_function_was_called_with(pytester):
    """Sent between processes: text that is a plain str."""
    pytest.importorskip("xdist")
    pytester.makepyfile(
        test_lesson="""
            import chainrule

            def f(x):
                raise LookupError("a fault of the user's")
            def test_tape():
                f(chainrule.Value([1.0, 2.0]))
            def test_traced():
                chainrule.grad(f)(2.0)
            def test_recorded():
                chainrule.jit(f)(2.0)
        """
    )
    result = pytester.runpytest_subprocess("-n1", "--showlocals")
    result.assert_outcomes(failed=3)
    result.stdout.re_match_lines([r"x += Value\(data=\[1\., 2\.\]\)", r"x += Tracer\(2\.0\)"])
