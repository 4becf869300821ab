"""What captions say: articles, plurals, relations in several wordings, style words left out."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.captions import (
    LIVE_WORDINGS,
    OTHERS_UNNAMED,
    STYLE_WORDS,
    UNNAMED,
    WORDINGS,
    caption,
    generic_keywords,
    noun_phrase,
    spelt,
)
from training.data.english import head, is_counted, numbered, with_article
from training.data.heldout import plain_caption
from training.data.scenes import OVERLAPPING, SETTINGS, Scene
from training.tests.drawn import concept

OTTER, HUT, ROCK = concept("otter"), concept("hut"), replace(concept("rock"), group="objects", subgroup="tool")


@pytest.mark.parametrize(
    ("noun", "one", "three"),
    [
        ("unicorn", "a unicorn", "three unicorns"),
        ("hourglass", "an hourglass", "three hourglasses"),
        ("smiling face with sunglasses", "a smiling face with sunglasses", "three smiling faces with sunglasses"),
        ("people holding hands", "people holding hands", "three people holding hands"),
        ("stack of books", "a stack of books", "three stacks of books"),
        ("broccoli", "broccoli", "three pieces of broccoli"),
        ("scissors", "scissors", "three scissors"),
        ("thumbs up", "thumbs up", "three thumbs up"),
    ],
)
def test_articles_and_numbers(noun: str, one: str, three: str) -> None:
    assert with_article(noun) == one
    assert numbered(3, noun) == three


def test_the_head_of_a_phrase() -> None:
    assert head("face with tears of joy") == "face"
    assert head("on") == "on"
    assert not is_counted("crying")
    assert is_counted("crying face")


def test_things_together_have_names_that_take_an_article() -> None:
    face = concept("weeping-face")
    face.names.append("crying")
    rng = np.random.default_rng(0)
    phrases = {noun_phrase(Scene("noto", face, other=HUT, relation="on"), set(), rng) for _ in range(40)}
    assert all(phrase.startswith("a weeping face ") for phrase in phrases)


@pytest.mark.parametrize("relation", ["and", "next to", "under", *OVERLAPPING, "riding", *SETTINGS])
def test_relations_have_wordings(relation: str) -> None:
    rng = np.random.default_rng(0)
    other = None if relation in SETTINGS else HUT
    of_otter = {noun_phrase(Scene("noto", OTTER, other=other, relation=relation), set(), rng) for _ in range(80)}
    ways = {*WORDINGS.get(relation, [relation]), *LIVE_WORDINGS.get(relation, [])}
    assert of_otter == {f"an otter {way}" + (" a hut" if other else "") for way in ways}
    of_rock = {noun_phrase(Scene("noto", ROCK, other=other, relation=relation), set(), rng) for _ in range(80)}
    assert not any(way in phrase for phrase in of_rock for way in LIVE_WORDINGS.get(relation, []))
    assert relation in plain_caption(Scene("noto", OTTER, other=other, relation=relation))


def test_keywords_that_name_something_else_say_nothing() -> None:
    monkey, banana = concept("monkey"), concept("banana")
    monkey.keywords[:] = ["banana", "primate"]
    generic = generic_keywords({"monkey": monkey, "banana": banana})
    assert "banana" in generic
    assert "primate" not in generic


def test_of_is_followed_by_a_whole_phrase() -> None:
    rng = np.random.default_rng(0)
    rich = concept("otter")
    rich.keywords.append("river")
    captions = [caption(Scene("fluent-3d", rich), {"thing"}, rng) for _ in range(400)]
    after = {text.split(" of ")[1] for text in captions if " of " in text}
    assert after == {"an otter"}
    assert any("river" in text for text in captions)


def test_names_are_spelt_as_people_type_them() -> None:
    assert spelt("man s shoe") == "man's shoe"
    assert spelt("Woman’s boot") == "woman's boot"
    assert spelt("glass of milk") == "glass of milk"


def test_a_colour_stands_after_a_number() -> None:
    hearts = concept("two-hearts")
    assert plain_caption(Scene("noto", hearts, colour="green")) == "two green hearts"
    assert plain_caption(Scene("noto", OTTER, colour="green")) == "a green otter"


def test_a_stated_part_of_captions_names_no_style() -> None:
    rng = np.random.default_rng(0)
    for style, words in STYLE_WORDS.items():
        named = np.mean([words in caption(Scene(style, OTTER), set(), rng) for _ in range(800)])
        assert abs(1 - named - UNNAMED.get(style, OTHERS_UNNAMED)) < 0.05
