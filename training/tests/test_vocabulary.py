from training.data.captions import EVERYDAY
from training.nets.text import SPECIAL, full_tokenizer, kept_tokens, load_tokenizer, tokenizer_json
from training.nets.vocabulary import Sense, choose, drawable

THING = Sense("zebra", "1", 5, 1, 0)
SURNAME = Sense("peterson", "1", 18, 1, 0)
PIRATE = Sense("pirate", "1", 18, 1, 9)
DANCE = Sense("dance", "2", 38, 1, 20)
FIFTH = Sense("chair", "1", 6, 5, 0)


def test_things_plurals_people_and_what_they_do_can_be_drawn() -> None:
    words = ["zebra", "zebras", "peterson", "pirate", "dance", "dancing", "chair", "of"]
    known = [THING, SURNAME, PIRATE, DANCE, FIFTH]
    assert drawable(words, known) == {"zebra", "zebras", "pirate", "dancing"}


def test_the_commonest_fill_what_is_left() -> None:
    assert choose(["[unused1]", "the", "é", "of", "zebra"], {"zebra"}, 2) == ["the", "zebra"]


def test_captions_read_as_before_the_table_was_cut() -> None:
    cut, full = load_tokenizer(), full_tokenizer()
    for prompt in [name for names in EVERYDAY.values() for name in names]:
        whole, tokens = full.encode(prompt), cut.encode(prompt)
        assert tokens.tokens[: sum(tokens.attention_mask)] == whole.tokens[: sum(whole.attention_mask)]


def test_a_word_that_was_cut_is_spelt() -> None:
    tokens = load_tokenizer().encode("mcdowell").tokens
    assert "mcdowell" in full_tokenizer().get_vocab()
    assert "".join(token.removeprefix("##") for token in tokens if token not in SPECIAL) == "mcdowell"


def test_special_tokens_keep_their_places() -> None:
    kept, json = kept_tokens(), tokenizer_json()
    assert len(set(kept)) == len(kept)
    assert {token["content"]: token["id"] for token in json["added_tokens"]} == {
        name: kept.index(name) for name in SPECIAL
    }
    assert load_tokenizer().encode("").ids[:2] == [kept.index("[CLS]"), kept.index("[SEP]")]
