"""Which passages are found, on pages like those people read."""

from __future__ import annotations

import pytest

from asklight.assistant.passages import PASSAGE_LIMIT, Page, Passages


def _best(page: str, question: str, selection: str = "") -> str:
    found = Passages(Page(page, selection)).answering(question)
    assert found.passages, f"nothing found for {question!r}"
    return found.passages[0].text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why were keepers called wickies?", 'which is why keepers were called "wickies"'),
        ("When was Cordouan lit?", "in July 1823"),
        ("How thick would an ordinary lens have been?", "would have been a metre thick"),
        ("how were lenses cleaned", "spirit of wine"),
        ("What guides ships nowadays?", "Satellites guide ships today"),
        ("Who wrote the rules?", "Dr. Alan Stevenson of the Northern Lighthouse Board"),
        ("Is it closed on Sunday?", "Sunday closed"),
        ("Tell me about the Pharos of Alexandria", "finished around 280 BC"),
    ],
)
def test_the_lighthouse_article_answers(lighthouses: str, question: str, expected: str) -> None:
    assert expected in _best(lighthouses, question)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many flowers does a bee visit?", "between 50 and 100 flowers"),
        ("Why do bees seal the cells with wax?", "seal the cell with wax"),
        ("How much honey does one bee make in her life?", "a twelfth of a teaspoon"),
        ("Can I give honey to infants?", "Do not give honey to infants"),
        ("Which honey is bitter?", "Chestnut: dark, slightly bitter"),
        ("What is the water content?", "below 18 percent"),
    ],
)
def test_the_honey_article_answers(honey: str, question: str, expected: str) -> None:
    assert expected in _best(honey, question)


@pytest.mark.parametrize(
    "question", ["What is the capital of Japan?", "How tall is the Eiffel Tower?", "zxqv"]
)
def test_what_the_page_does_not_speak_of_is_not_found(lighthouses: str, question: str) -> None:
    assert Passages(Page(lighthouses)).answering(question).passages == []


def test_a_passage_that_speaks_of_part_of_the_question_counts_as_close_only(
    lighthouses: str,
) -> None:
    assert Passages(Page(lighthouses)).answering("What did keepers wear?").is_close_only
    assert not Passages(Page(lighthouses)).answering("Who cleaned lenses?").is_close_only


@pytest.mark.parametrize(
    ("page", "question", "expected"),
    [
        (
            "灯塔是一种建筑。菲涅耳在1822年发明了透镜。看守人每天擦拭玻璃。",
            "谁发明了透镜？",
            "菲涅耳在1822年发明了透镜。",
        ),
        (
            "灯台は海を照らす。フレネルが1822年にレンズを発明した。番人は毎日ガラスを磨いた。",
            "レンズはいつ発明されましたか？",
            "フレネルが1822年にレンズを発明した。",
        ),
        (
            "등대는 바다를 비춘다. 프레넬은 1822년에 렌즈를 발명했다. 등대지기는 유리를 닦았다.",
            "렌즈는 누가 발명했나요?",
            "프레넬은 1822년에 렌즈를 발명했다.",
        ),
        (
            "Маяк светил ночью. Линзу для маяков изобрёл Френель в 1822 году. Смотритель чистил стекло.",
            "Кто изобрел линзы?",
            "изобрёл Френель",
        ),
        (
            "كانت المنارة عالية. اخترع فرينل العدسة في عام 1822. كان الحارس ينظف الزجاج.",
            "من اخترع العدسة؟",
            "اخترع فرينل العدسة",
        ),
        (
            "दीपस्तंभ ऊँचा था। फ्रेनेल ने 1822 में लेंस बनाया। रखवाला शीशा साफ करता था।",
            "लेंस किसने बनाया?",
            "फ्रेनेल ने 1822 में लेंस बनाया।",
        ),
        (
            "Der Turm war hoch. Die Linse des Leuchtturms erfand Fresnel. Der Wärter putzte das Glas.",
            "Wer hat die Linsen erfunden?",
            "Die Linse des Leuchtturms erfand Fresnel.",
        ),
        (
            "ประภาคารสูงมาก เฟรสเนลประดิษฐ์เลนส์ในปี 1822 คนเฝ้าทำความสะอาดกระจก",
            "ใครประดิษฐ์เลนส์",
            "เฟรสเนลประดิษฐ์เลนส์ในปี",
        ),
    ],
)
def test_any_script_is_searched(page: str, question: str, expected: str) -> None:
    found = Passages(Page(page)).answering(question).passages
    assert expected in found[0].text


def test_a_sentence_that_only_stands_under_a_fitting_heading_is_quoted_where_no_other_fits() -> (
    None
):
    page = "Opening hours\nWe open at nine. On Sundays we rest.\nPrices\nTea is two pounds. So is cake."
    assert _best(page, "hours").startswith("We open at nine.")
    found = Passages(Page(page + " Prices rise.")).answering("prices").passages
    assert [passage.text for passage in found] == ["So is cake. Prices rise."]


def test_a_selection_weighs_more_than_the_rest_of_the_page(lighthouses: str) -> None:
    selection = "It became a World Heritage Site in 2021."
    assert selection not in _best(lighthouses, "Cordouan")
    assert selection in _best(lighthouses, "Cordouan", selection)


def test_a_short_selection_is_what_this_stands_for(lighthouses: str) -> None:
    found = Passages(Page(lighthouses, "Pharos of Alexandria")).extract()
    assert "Pharos of Alexandria" in found[0].text


def test_a_selection_in_mid_sentence_gives_the_whole_sentence(lighthouses: str) -> None:
    selection = "to be trimmed every"
    page = Passages(Page(lighthouses, f"{selection} four hours"))
    assert page.has_selection
    assert page.extract()[0].text.startswith(("A keeper's day", "Wicks had"))


def test_a_selection_that_is_not_in_the_content_is_quoted_all_the_same() -> None:
    page = Passages(Page("Something else stands here.", "Bees dance. They show the way."))
    assert [passage.text for passage in page.extract()] == ["Bees dance. They show the way."]


def test_a_page_without_a_question_gives_its_first_and_most_central_sentences(honey: str) -> None:
    passages = Passages(Page(honey)).extract()
    assert passages[0].text.startswith("A honeybee visits between 50 and 100 flowers")
    assert [passage.position for passage in passages] == sorted(p.position for p in passages)
    assert len(passages) <= PASSAGE_LIMIT


@pytest.mark.parametrize("question", ["honey", "bees hive wax", "jar summer", "varieties"])
def test_passages_are_whole_sentences_of_the_page_word_for_word(honey: str, question: str) -> None:
    page = " ".join(honey.split())
    for passage in Passages(Page(honey)).answering(question).passages:
        text = " ".join(passage.text.split())
        assert text in page
        assert text[-1] in '.!?"' or "\n" in passage.text or len(text) < 60


def test_no_sentence_is_quoted_twice(lighthouses: str) -> None:
    passages = Passages(Page(lighthouses)).answering("lens light keepers lamp").passages
    sentences = [s for passage in passages for s in passage.text.split(". ")]
    assert len(sentences) == len(set(sentences))


def test_the_same_question_always_finds_the_same(lighthouses: str) -> None:
    found = [Passages(Page(lighthouses)).answering("light at sea") for _ in range(3)]
    assert found[0] == found[1] == found[2]


def test_search_syntax_in_a_question_is_only_words(lighthouses: str) -> None:
    assert "1823" in _best(lighthouses, 'text : "Cordouan" AND NOT (lit* OR ^NEAR)')


@pytest.mark.parametrize("content", ["", " \n\t ", "\u200b"])
def test_a_page_without_text_has_nothing_to_quote(content: str) -> None:
    assert not Passages(Page(content))
    assert Passages(Page(content)).extract() == []
