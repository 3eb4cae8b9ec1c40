"""A study document is data: read strictly, named by its hash, signed."""

import json
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from wardround.federation.canonical import canonical, read_canonical
from wardround.federation.commands import app
from wardround.federation.errors import StudyError
from wardround.federation.study import SignedStudy, Study, load_study, sign, verify
from wardround.federation.study_yaml import read_yaml

HEART = Path(__file__).resolve().parents[2] / "src" / "wardround" / "demo" / "heart-study.yaml"
COORDINATOR = Ed25519PrivateKey.generate()


@pytest.fixture
def document():
    return yaml.safe_load(HEART.read_text("utf-8"))


@pytest.fixture
def write(tmp_path):
    def written(document):
        path = tmp_path / "study.yaml"
        text = document if isinstance(document, (str, bytes)) else yaml.safe_dump(document, sort_keys=False)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def changed(document, path, value):
    *parents, last = path.split(".")
    place = document
    for name in parents:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def problems_of(path):
    with pytest.raises(StudyError) as refused:
        load_study(path)
    return str(refused.value).splitlines()


def test_the_heart_study_is_read_whole(document):
    study = load_study(HEART)

    assert (study.name, study.version, len(study.features)) == ("heart", 1, 13)
    assert study.model.deviation_strengths == (50.0, 20.0, 5.0)
    assert study.training.tolerance == 1e-6
    assert study.cohort.task["windows"]["input"]["start"] is None
    assert study.cohort.task == document["cohort"]["task"]


def test_the_hash_does_not_depend_on_how_the_file_is_written(document, write):
    backwards = {key: document[key] for key in reversed(document)}

    assert load_study(write(backwards)).hash == load_study(HEART).hash
    assert load_study(HEART).hash == load_study(HEART).hash


def test_a_default_written_out_is_the_same_study(document, write):
    del document["publish_site_metrics"]
    del document["training"]["tolerance"]

    assert load_study(write(document)).hash == load_study(HEART).hash


def test_asking_for_an_impression_first_is_another_study_and_not_asking_is_the_default(document, write):
    assert load_study(write(document | {"impression_first": False})).hash == load_study(HEART).hash

    asking = load_study(write(document | {"impression_first": True}))
    assert asking.impression_first
    assert asking.hash != load_study(HEART).hash
    assert Study.from_document(asking.document()) == asking


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("title", "Other"), ("training.seed", 44), ("features.0.title", "Years"), ("privacy.minimum_patients", 51),
        ("cohort.task.windows.outcome.end", "start + 2d"), ("model.ridge", 1.0000001), ("not_for", ["Children."]),
    ],
)  # fmt: skip
def test_any_change_changes_the_hash(document, write, path, value):
    assert load_study(write(changed(document, path, value))).hash != load_study(HEART).hash


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("trianing", {}, "'trianing' is not a field. Did you mean 'training'? Known fields are name, version,"),
        ("training.round", 3, "'round' is not a field in training. Did you mean 'rounds'?"),
        ("features.2.codes", "x", "'codes' is not a field in features[3]. Did you mean 'code'?"),
        ("cohort.task.script", "rm", "'script' is not a field of cohort.task. Known fields are predicates, trigger, windows."),
        ("cohort.task.windows.input.end", "trigger -> result",
         "cohort.task cannot be asked of a patient in a chart. The task's index_timestamp leads to input.end, which is no"),
        ("model.site.strength", 1, "'strength' is not a field in model.site."),
        ("privacy.epsilon", 3, "'epsilon' is not a field in privacy."),
        ("question", None, "question is missing; it is text of at most 2000 characters"),
        ("cohort", None, "cohort.statement is missing; it is text of at most 2000 characters."),
            ("cohort", 5, "cohort must be a mapping of fields."),
            ("title", 5, "title is 5; it must be text of at most 200 characters; put it in quotes."),
        ("training.rounds", 0, "training.rounds is 0; it must be a whole number from 1 to 10000."),
        ("training.rounds", True, "training.rounds is True; it must be a whole number"),
        ("training.rounds", "12", "training.rounds is '12'; it must be a whole number"),
        ("training.method", "sgd", "training.method is 'sgd'; it must be one of exact, fedavg."),
        ("training.test_fraction", 1.5, "training.test_fraction is 1.5; it must be a number from 0 to 0.9."),
        ("training.test_fraction", float("nan"), "training.test_fraction"),
        ("model.family", "forest", "model.family is 'forest'; it must be one of logistic."),
        ("model.ridge", 0, "ridge must be more than 0"),
        ("features.0.kind", "picture", "features[1].kind is 'picture'; it must be one of numeric, boolean, category."),
        ("features.1.answers", ["one"], "needs at least two answers"),
        ("features.1.name", "age", "Two features have the name 'age'."),
        ("features", [], "features is []; it must be a list of 1 to 1000 entries."),
        ("privacy.minimum_patients", 3, "privacy.minimum_patients is 3; it must be a whole number from 10"),
        ("privacy.differential_privacy", "on", "privacy.differential_privacy is 'on'; it must be one of off."),
        ("publish_site_metrics", "yes", "publish_site_metrics is 'yes'; it must be true or false."),
        ("name", "../heart", "name is '../heart'; it must be lower-case letters"),
        ("not_for", None, "not_for is missing"),
        ("title", "a\x07b", "title is"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_what_would_be_right(document, write, path, value, sentence):
    problems = problems_of(write(changed(document, path, value)))

    assert any(sentence in problem for problem in problems), problems


def test_all_problems_are_said_at_once(document, write):
    changed(document, "training.rounds", 0)
    changed(document, "title", 5)
    changed(document, "foo", 1)

    assert len(problems_of(write(document))) == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: &x [1]\nb: *x\n", "anchors and aliases are not allowed"),
        ("a: *x\n", "anchors and aliases are not allowed"),
        ("a: !!python/object/apply:os.system [ls]\n", "tags are not allowed"),
        ("a: 1\na: 2\n", "Line 2: 'a' is given twice."),
        ("[" * 5000, "nested too deeply"),
        ("a: [1\n", "not readable YAML"),
        ("- a\n", "must be a mapping of fields"),
        ("", "must be a mapping of fields"),
        ("1: a\n", "the key 1 is not a word"),
        ("a: 1\n---\nb: 2\n", "not readable YAML"),
        ("a: b\x00c\n", "not readable YAML"),
        (b"a: \xff\n", "not UTF-8"),
        ("a: " + "x" * 300_000, "larger than 256 KiB"),
    ],
)
def test_a_document_with_tricks_is_refused(write, text, sentence):
    assert sentence in problems_of(write(text))[0]


def test_words_stay_words_and_numbers_numbers():
    read = read_yaml(
        b"a: off\nb: no\nc: 1e-6\nd: 2026-01-01\ne: 1_000\nf: 0o17\ng: 12\nh: ~\ni: 1:30\nj: 1.0\nk: .inf\n"
    )

    assert read == {
        "a": "off", "b": "no", "c": 1e-6, "d": "2026-01-01", "e": "1_000", "f": "0o17", "g": 12, "h": None, "i": "1:30",
        "j": 1.0, "k": ".inf",
    }  # fmt: skip


def test_a_signed_study_is_verified_and_is_the_same_study():
    study = load_study(HEART)
    arrived = SignedStudy.from_bytes(sign(study, COORDINATOR).to_bytes())

    assert verify(arrived, COORDINATOR.public_key()) == study
    assert arrived.hash == study.hash


def test_a_study_changed_after_signing_is_refused():
    signed = sign(load_study(HEART), COORDINATOR)
    document = read_canonical(signed.study)
    document["privacy"]["minimum_patients"] = 10
    altered = SignedStudy(study=canonical(document), signer=signed.signer, signature=signed.signature)

    with pytest.raises(StudyError, match="changed after it was signed"):
        verify(altered, COORDINATOR.public_key())


def test_a_study_of_another_coordinator_is_refused():
    mallory = Ed25519PrivateKey.generate()

    with pytest.raises(StudyError, match="another key"):
        verify(sign(load_study(HEART), mallory), COORDINATOR.public_key())


def test_a_signed_study_with_an_unknown_field_or_a_missing_default_is_refused():
    from wardround.federation.study import _LABEL

    for change in ({"epsilon": 3}, {"publish_site_metrics": None}):
        document = {**read_canonical(load_study(HEART).canonical()), **change}
        if document["publish_site_metrics"] is None:
            del document["publish_site_metrics"]
        data = canonical(document)
        key = COORDINATOR.public_key().public_bytes_raw()
        with pytest.raises(StudyError):
            verify(SignedStudy(study=data, signer=key, signature=COORDINATOR.sign(_LABEL + data)), key)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"format":"wardround-study-1"}', bytes(10), b"[" * 1000]
)
def test_bytes_that_are_no_published_study_are_refused(data):
    with pytest.raises(StudyError, match="not a published study"):
        SignedStudy.from_bytes(data)


def test_from_document_and_document_are_inverse():
    study = load_study(HEART)

    assert Study.from_document(study.document()) == study


def test_check_says_that_a_study_can_be_published_and_its_hash():
    found = CliRunner().invoke(app, ["check", str(HEART)])

    assert found.exit_code == 0
    assert load_study(HEART).hash in found.stdout


def test_check_in_json_gives_one_document(document, write):
    good = CliRunner().invoke(app, ["check", "--json", str(HEART)])
    bad = CliRunner().invoke(app, ["check", "--json", str(write(changed(document, "training.rounds", 0)))])

    assert (good.exit_code, json.loads(good.stdout)["hash"]) == (0, load_study(HEART).hash)
    assert bad.exit_code == 1
    assert json.loads(bad.stdout)["problems"] == ["training.rounds is 0; it must be a whole number from 1 to 10000."]


def test_check_of_a_missing_file_fails_with_a_sentence_and_of_nothing_with_status_2(tmp_path):
    missing = CliRunner().invoke(app, ["check", str(tmp_path / "none.yaml")])

    assert missing.exit_code == 1
    assert "cannot be read: No such file or directory." in missing.stderr
    assert CliRunner().invoke(app, ["check"]).exit_code == 2
