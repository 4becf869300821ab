"""What an app is told that a model knows."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.data.captions import caption
from training.data.pack import Pack
from training.data.scenes import Scene
from training.data.words import cldr, counted_words, names_in, possible_words, vocabulary, words_of
from training.stages.near_words import nearest
from training.tests.drawn import concept


def a_pack() -> Pack:
    fox, apple, house = concept("fox"), concept("red-apple"), concept("house")
    fox.keywords.append("clever")
    scenes = [
        Scene("noto", fox),
        Scene("noto", apple, count=3),
        Scene("fluent-3d", fox, colour="blue"),
        Scene("noto", fox, other=house, relation="on"),
        Scene("noto", apple, relation="in the rain"),
    ]
    return Pack({}, scenes, np.array([0.6, 0.1, 0.1, 0.1, 0.1]), {"thing"}, identity="abc")


def test_words_are_runs_of_letters_and_digits() -> None:
    assert words_of("A T-shirt, 3d (soft)") == ["a", "t", "shirt", "3d", "soft"]
    assert words_of("piñata o’clock") == ["piñata", "o", "clock"]


def test_every_word_of_every_caption_is_listed_and_no_other_thing() -> None:
    pack = a_pack()
    possible = possible_words(pack)
    rng = np.random.default_rng(1)
    for row in rng.choice(len(pack.scenes), 1500):
        assert set(words_of(caption(pack.scenes[row], pack.generic, rng))) <= possible
    assert {"fox", "apples", "three", "blue", "home", "rain", "clever", "3d"} <= possible
    assert not {"thing", "otter", "pastel", "skateboard"} & possible


def test_frequent_words_come_first_and_rare_ones_are_not_lost() -> None:
    words = counted_words(a_pack(), captions=2000)
    counts = list(words.values())
    assert counts == sorted(counts, reverse=True)
    assert words["fox"] > words["apples"] > 0
    assert words["underneath"] == 0
    assert 55_000 < words["fox"] < 100_000  # of 100,000 captions


def test_concepts_have_plain_names_first_and_their_characters() -> None:
    content = vocabulary(a_pack(), captions=100)
    assert content["pack"] == "abc"
    assert list(content["concepts"]) == ["fox", "house", "red-apple"]
    assert content["concepts"]["red-apple"] == {"names": ["apple", "red apple"], "emoji": ""}
    assert json.loads(json.dumps(content)) == content


def test_other_languages_name_the_same_things(tmp_path: Path) -> None:
    for package, name, entries in (
        ("annotations-full", "annotations", {"🦊": {"tts": ["Fuchs"], "default": ["Fuchs", "Gesicht", "schlau"]}}),
        ("annotations-derived-full", "annotationsDerived", {}),
    ):
        folder = tmp_path / f"cldr-{package}" / name / "de"
        folder.mkdir(parents=True)
        (folder / "annotations.json").write_text(json.dumps({name: {"annotations": entries}}))
    annotations = cldr("de", tmp_path) | {c: {"tts": [c], "default": ["Gesicht"]} for c in "abcd"}
    fox = concept("fox")
    named = fox.__class__(**{**fox.__dict__, "emoji": "🦊\ufe0f"})
    assert names_in(annotations, [named, concept("hut")]) == {"fox": ["Fuchs", "schlau"]}
    with pytest.raises(FileNotFoundError, match="npm ci"):
        cldr("fr", tmp_path)


def test_near_words_are_each_concept_once_the_nearest_first() -> None:
    names = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    word = np.array([[0.6, 0.7, 0.39]], np.float32)
    assert nearest(word, names, np.array([7, 7, 8, 9]), 3) == [[8, 7]]  # the third is not near enough
    assert nearest(word, names, np.array([7, 7, 8, 9]), 1) == [[8]]
