import json

from training.convert.token_ids import GOLDEN, token_ids


def test_the_ids_that_the_engine_is_compared_with_are_those_of_today() -> None:
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == token_ids()
