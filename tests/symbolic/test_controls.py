"""Law 3 for every record: the claim recomputes, and the verifier can reject what is false."""

import dataclasses

import pytest
import sympy as sp

from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.controls import left_perturbations, perturbations
from sobolevkernels.symbolic.identity import Identity, equation, verify

TRUE = [record for record in identities.values() if record.claim != "refuted"]
FALSE = [record for record in identities.values() if record.claim == "refuted"]


def label(record: Identity) -> str:
    return record.label


@pytest.mark.parametrize("record", identities.values(), ids=label)
def test_the_claim_recomputes(record):
    verdict = record.verify()
    assert verdict.status == record.claim, str(verdict)
    assert "not evaluated" not in verdict.detail
    if verdict.status == "refuted":
        assert verdict.witness.left.middle != verdict.witness.right.middle


@pytest.mark.parametrize("record", TRUE, ids=label)
def test_a_perturbed_statement_is_refuted_and_its_proof_leaves_a_residual(record):
    changed = perturbations(record.statement)
    assert changed, "a record without a negative control"
    for kind, statement in changed.items():
        false = dataclasses.replace(record, statement=statement)
        numbers = dataclasses.replace(false, proof=None).verify()
        assert numbers.status == "refuted", f"{kind}: {statement} passes: {numbers}"
        if record.proof is not None:
            residuals = tuple(record.proof(statement))
            assert any(residual != 0 for residual in residuals), f"{kind}: {statement} is still proved"


@pytest.mark.parametrize("record", [record for record in TRUE if record.proof], ids=label)
def test_a_proof_looks_at_the_left_side_too(record):
    for kind, statement in left_perturbations(record.statement).items():
        residuals = tuple(record.proof(statement))
        assert any(residual != 0 for residual in residuals), f"{kind}: {statement} is still proved"


@pytest.mark.parametrize("record", FALSE, ids=label)
def test_a_misprint_has_a_flaw_and_a_correction_that_holds(record):
    assert record.flaw
    source = record
    corrections = [other for other in TRUE if source.label in other.corrects]
    while not corrections and source.repeats:
        source = identities[source.repeats]
        corrections = [other for other in TRUE if source.label in other.corrects]
    assert corrections, "nothing in the catalogue corrects it"
    for correction in corrections:
        if correction.statement == record.statement:  # what is printed is true, under other conditions
            assert correction.where != record.where
        elif correction.statement.args[0] == record.statement.args[0] and isinstance(record.statement, sp.Eq):
            right = correction.statement.rhs
            mended = dataclasses.replace(record, statement=equation(record.statement.lhs, right), claim="checked")
            assert verify(mended).status == "checked"


@pytest.mark.parametrize("record", identities.values(), ids=label)
def test_cross_references_exist(record):
    for other in [*record.corrects, *([record.repeats] if record.repeats else [])]:
        assert identities[other].claim == "refuted"
    if record.proof is not None:
        assert record.claim == "proved"
    if record.claim == "proved":
        assert record.proof is not None
    assert record.source
    assert record.title
