"""Words that ask and do not say about what: articles, pronouns, question words, and talk of the page itself.

Lists of words only: what is done with them stands in :mod:`asklight.assistant.words`.
"""

from __future__ import annotations

from typing import Final

STOP_WORDS: Final = {
    "en": """
        a about actually after all also am an and any are around article as at author be because been before being
        between both brief briefly but by can cannot could did do does doing during each else ever explain explained
        explanation far few find for from get gist give goes had has have he help her here hers him his how however i if in
        into is it its itself just key know let like ll main many long may me mean meaning means might more most much must
        my need no not of off often on one only or other our out outline overview page paragraph part passage people please
        point points quick quickly rephrase re say saying says section selected selection sentence shall she short
        should show simple simpler simply so some such sum summarise summarize summary tell text than that the their
        them then there these they thing things this those to too tldr tl dr understand up us use ve very want was way
        we were what whats when where whether which while who whom whose why will with within without word words would
        you your yes
    """,
    "de": """
        aber alle allem als also am an artikel auch auf aus bedeutet bei bitte das dass dem den der des die dies diese
        diesem diesen dieser dieses du ein eine einem einen einer eines er erklar erklare erklaren erzahl es fasse fur
        geht gibt hat haben hier ich ihr im in inhalt ist kann kurz man mein mir mit nach nicht noch oder seite sich sie
        sind so text uber um und uns von vor wann war waren warum was welche welcher welches wer werden wie wieso wird
        wo worum wurde wurden zu zum zur zusammen zusammenfassen zusammenfassung
    """,
    "fr": """
        a au aux avec ce ceci cela ces cet cette comment d dans de des dire donne dont du elle en est et etait explique
        expliquer expliquez fait il ils j je l la le les leur lui ma mais me moi mon n ne nous on ont ou page par
        parle pas passage pour pourquoi qu quand que quel quelle quelles quels qui quoi resume resumer s sa se ses si
        signifie son sont sur t texte tu un une veut vous y etre article
    """,
    "es": """
        a al algo articulo como con cual cuales cuando cuanto cuantos de del donde dos e el ella ellos en era es esta
        este esto estos explica explicame explicar fue ha hay la las le les lo los me mi muy no nos o para pagina parrafo
        pero por porque que quien quienes resume resumen resumir se ser si sin sobre son su sus te texto trata tu un una
        uno y ya significa
    """,
    "pt": """
        a ao aos artigo as com como da das de do dos e ela ele eles em era essa esse esta este eu explica explicar
        explique foi ha isso isto la mais me na nas no nos o onde os ou para pagina paragrafo por porque qual quais
        quando quanto quantos que quem resuma resumir resumo se seu significa sobre sao sua texto trata um uma
    """,
    "it": """
        a ai al alla articolo che chi ci come con cosa da dal de dei del della delle di dove e ed era esso gli ha ho i il
        in io la le lo ma mi ne nei nel nella non o pagina paragrafo parla per perche piu qual quale quali quando quanto
        quanti questa queste questi questo riassumere riassumi riassunto se si significa sono spiega spiegami su sul sulla
        testo tra un una uno
    """,
    "nl": """
        aan al als artikel bij dan dat de deze die dit door een en er gaat geef haar heb heeft het hier hij hoe hun ik in
        is je kan leg maar me met mij mijn naar niet nog of om ons ook op over pagina samen samenvatten samenvatting te
        tekst tot uit uitleggen van vat voor waar waarom wanneer was wat welk welke werd wie wij wordt worden ze zich zij
        zijn zo
    """,
    "ru": """
        а без бы был была были было в вам вас во вот все вы где да для до его ее если есть еще же за зачем и из или им их
        к как какая какие какой какую кем когда который кратко кто ли меня мне мой мы на над не нет ни но о об объясни
        объяснить он она они оно от перескажи по под почему при про с сделай скажи сколько со статья статье странице
        страница суть такое текст том ты у чего чем что чтобы эта эти это этой этом этот я
    """,
    "ar": """
        اشرح اشرحي الصفحه النص المقال الي الى ان او اي اين بم تلخيص ثم عن على عند في قد كان كانت كم كيف لخص لم لما لماذا لي ما
        ماذا متي متى مع ملخص من نعم هذا هذه هل هو هي و ولا يعني الصفحة المقالة
    """,
    "hi": """
        इस इसका इसके इसमें और का कि की के को कौन कब कहाँ क्या क्यों कैसे तो था थी थे पर पृष्ठ बताओ बारे मुझे में यह ये लेख वह
        सारांश समझाओ से है हैं हो ने भी
    """,
}
"""By language. English stands first: it is chosen when no list fits a question."""

UNSPACED_STOP_WORDS: Final = """
    什么 什麼 怎么 怎麼 怎样 如何 为什么 為什麼 为何 哪里 哪裡 哪个 哪個 哪些 多少
    几个 总结 總結 概括 概述 摘要 解释 解釋 说明 請問 请问 介绍 介紹 一下 这个 這個
    这些 那个 页面 頁面 网页 本文 这篇 文章 内容 內容 关于 關於 意思 主要 告诉 我 你 它
    谁 誰 是 的 吗 嗎 呢 了 请 請 这 這 那 讲 講
    何 要約 説明 教えて 解説 意味 記事 ページ まとめ なぜ どこ いつ だれ
    무엇 뭐 어떻게 왜 누가 누구 언제 어디 페이지 요약 설명 해줘 해주세요 대해 무슨 뜻
    기사 내용 이것
    อะไร อย่างไร ทำไม ที่ไหน เมื่อไหร่ เมื่อไร ใคร หน้านี้ สรุป อธิบาย คือ บทความ เกี่ยวกับ
    นี้
"""
"""The same in scripts without spaces between words."""
