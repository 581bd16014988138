"""Properties as tests, in a pytest of their own."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from symtests.checking.known.writing import write_known
from symtests.checking.results.results_file import read_results

pytest_plugins = ["pytester"]

CORRECT = """
    import symtests
    from symtests.implementations.numpy_plain import NumpyPlain

    @symtests.parametrize_with_properties([NumpyPlain(), "numpy"], properties=["GRAD1", "ZERO4"])
    def test_properties(symtests_check):
        assert symtests_check().word in ("exact", "holds")
"""

BROKEN = """
    import symtests
    from symtests.implementations.numpy_plain import NumpyPlain

    class WithoutFactor(NumpyPlain):
        name = "without factor"
        def loss_and_gradient(self, network, parameters, batch):
            loss, gradient = super().loss_and_gradient(network, parameters, batch)
            return loss, symtests.Parameters(network, gradient.vector / 2)

    class OnlyIdentity(NumpyPlain):
        name = "only identity"
        capabilities = symtests.Capabilities(activations=("identity",))

    @symtests.parametrize_with_properties([WithoutFactor()], properties=["GRAD1"])
    def test_broken(symtests_check):
        symtests_check()

    @symtests.parametrize_with_properties([OnlyIdentity()], properties=["ZERO2"])
    def test_cannot(symtests_check):
        symtests_check()
"""


def test_one_test_for_each_implementation_property_and_dtype(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    result = pytester.runpytest_subprocess("--symtests-profile=quick", "-v")
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["*numpy-ZERO4-float32*"])


@pytest.mark.thorough
def test_options_choose_among_them_and_the_rest_is_counted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    options = ("--symtests-profile=quick", "--symtests-dtype=float64", "--symtests-property=ZERO4")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=2, deselected=6)


def test_a_violation_fails_with_property_and_script_and_the_impossible_is_skipped_with_a_reason(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(BROKEN)
    result = pytester.runpytest_subprocess("--symtests-profile=quick", "-rs")
    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.fnmatch_lines(["*GRAD1 violated:*", "*a script that shows it:*", "*assert *"])
    result.stdout.fnmatch_lines(["*SKIPPED*unsupported*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_wrong_names_cost_one_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    result = pytester.runpytest_subprocess("--symtests-property=GARD1")
    result.stderr.fnmatch_lines(["*did you mean 'GRAD1'?*"])


def test_the_fixture_alone_says_what_is_missing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(symtests_check): symtests_check()")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*parametrize_with_properties*"])


HALVED = (
    BROKEN.partition("    class OnlyIdentity")[0]
    + """
    import os

    class Mended(NumpyPlain):
        name = "without factor"

    tried = Mended() if os.environ.get("MENDED") else WithoutFactor()

    @symtests.parametrize_with_properties([tried], properties=["GRAD1"])
    def test_properties(symtests_check):
        symtests_check()
"""
)
QUICK = ("--symtests-profile=quick", "--symtests-examples=8")


@pytest.mark.thorough
def test_known_failures_are_expected_until_they_are_mended(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(HALVED)
    pytester.runpytest_subprocess(*QUICK, "--symtests-out=out").assert_outcomes(failed=2)
    known = pytester.path / "known.toml"
    write_known(known, read_results(pytester.path / "out" / "results.jsonl").verdicts)
    result = pytester.runpytest_subprocess(*QUICK, "--symtests-known=known.toml", "-rx")
    result.assert_outcomes(xfailed=2)
    result.stdout.fnmatch_lines(["*XFAIL*entry 1 of known.toml says: not explained yet*"])
    monkeypatch.setenv("MENDED", "1")
    result = pytester.runpytest_subprocess(*QUICK, "--symtests-known=known.toml")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*fixed: remove this entry: entry 1 of known.toml*"])


@pytest.mark.thorough
def test_processes_of_xdist_share_one_results_file_and_junit_tells_the_verdicts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    options = ("-n", "2", "-p", "xdist", "--symtests-out=out", "--junit-xml=junit.xml", "--symtests-property=ZERO4")
    result = pytester.runpytest_subprocess(*QUICK, *options)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["symtests report: *report.html"])
    results = read_results(pytester.path / "out" / "results.jsonl")
    assert results.complete
    assert [verdict.property for verdict in results.verdicts] == ["ZERO4"] * 2, "two tests ask the same"
    assert (pytester.path / "out" / "report.html").is_file()
    junit = ElementTree.parse(pytester.path / "junit.xml").getroot()
    told = [each.attrib for each in junit.iter("property")]
    assert told.count({"name": "symtests_property", "value": "ZERO4"}) == 4
    assert {each["value"] for each in told if each["name"] == "symtests_verdict"} <= {"exact", "holds"}


def test_an_adapter_that_answers_no_trivial_question_is_asked_no_property(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import symtests

        class Silent:
            name = "silent"
            def train(self, network, parameters, batch, training):
                return None

        @symtests.parametrize_with_properties([Silent()], properties=["GRAD1", "ZERO4"])
        def test_properties(symtests_check):
            symtests_check()
        """
    )
    result = pytester.runpytest_subprocess(*QUICK)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*silent cannot be checked: train returned None*"])


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--symtests-known=nowhere.toml", "*cannot be read*--write-known*"),
        ("--symtests-properties-of=99", "*properties='99': is newer than this symtests*"),
    ],
)
def test_wrong_options_cost_one_sentence(option: str, sentence: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    pytester.runpytest_subprocess(option).stderr.fnmatch_lines([sentence])


def test_a_folder_for_results_that_is_none_is_told_before_any_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HALVED)
    (pytester.path / "out").write_text("mine", encoding="utf-8")
    result = pytester.runpytest_subprocess(*QUICK, "--symtests-out=out")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --symtests-out=*is no folder; name another one"])
    assert (pytester.path / "out").read_text(encoding="utf-8") == "mine"


@pytest.mark.thorough
def test_results_that_cannot_be_written_are_told_and_are_no_success(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    pytester.makeconftest(
        "import symtests.reports\n\ndef broken(*arguments):\n    raise RuntimeError('the charts')\n\n"
        "symtests.reports.write_report = broken\n"
    )
    result = pytester.runpytest_subprocess(*QUICK, "--symtests-out=out", "--symtests-property=ZERO4")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(["symtests: internal error while the results were written: RuntimeError: the charts*"])
    assert read_results(pytester.path / "out" / "results.jsonl").complete
    assert (pytester.path / "out" / "internal_error.txt").is_file()
