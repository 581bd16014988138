"""Laws as tests, in a pytest of their own."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

CORRECT = """
    import symtests
    from symtests.implementations.numpy_plain import NumpyPlain

    @symtests.parametrize_with_properties([NumpyPlain(), "numpy"], properties=["GRAD1", "ZERO4"])
    def test_laws(symtests_check):
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


def test_one_test_for_each_implementation_law_and_dtype(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    result = pytester.runpytest_subprocess("--symtests-profile=quick", "-v")
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["*numpy-ZERO4-float32*"])


def test_options_choose_among_them_and_the_rest_is_counted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(CORRECT)
    options = ("--symtests-profile=quick", "--symtests-dtype=float64", "--symtests-property=ZERO4")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=2, deselected=6)


def test_a_breach_fails_with_law_and_script_and_the_impossible_is_skipped_with_a_reason(
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
