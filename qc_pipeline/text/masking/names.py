"""People's names in a text, by what stands around them: 姓王, 我叫张伟, 李女士, my name is …

No list of names is complete and none is needed: what introduces a name and the titles after it
say where one stands; family names only keep other words from being taken for one.
"""

from __future__ import annotations

import re

CharSpan = tuple[int, int]

SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾"
    "丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤"
    "尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢骆岳齐梅"
    "莫庄辛管祝左涂谷祁时舒耿卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄"
    "单佟包司柏宁娄苑喻柴冉阮闫柯仇连车桂宫鹿海燕肖邬蒲邸仲伊晏佘麦尚雍郎"
)
# Family names that are everyday words as well: only with a given name that is none.
_DOUBTFUL = frozenset("于时安方成常向高文关路和从同对应项位席查游管单包司连车海尚")
_DOUBLE = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒")
_HAN = "一-鿿"
_TITLES = "先生|女士|小姐|太太|夫人|阿姨|大爷|大妈|师傅|同志|老师"
_NOT_NAME = "的了吗吧呢啊呀嘛是在有没和跟电身住手号证打想要就这那我你您他她对嗯请什不来一怎哪谁"
_AFTER_NAME = (*_TITLES.split("|"), "工号", "先", "女的")
_FAMILY = f"(?:{'|'.join(_DOUBLE)}|[{''.join(sorted(SURNAMES))}])"
_PAUSE = "[\\s,，:：、]?"
_CUE = (
    "(?:我叫|名字是|名字叫|姓名是|姓名叫|姓名|户主是|户主叫|户名是|机主是|机主叫|联系人是|联系人叫|"
    "收件人是|收件人叫|持卡人是|本人叫|称呼是|[你您他她人子儿公婆妈爸弟妹哥姐友](?:们|的名字)?叫)"
)
_INTRODUCED = re.compile(f"{_CUE}{_PAUSE}({_FAMILY}[{_HAN}]{{1,2}})")
# Without a known family name only where the clause ends with the name.
_CLAUSE = re.compile(
    f"(?:我叫|我的名字叫|我的名字是|姓名是|姓名叫){_PAUSE}([{_HAN}]{{2,4}})(?=[\\s,，。;；!！?？]|$)"
)
_NAMED = re.compile(f"(?<![百同])姓(?:名)?[是叫为]?{_PAUSE}({_FAMILY})(?![{_HAN}]*[姓])")
_ADDRESSED = re.compile(f"({_FAMILY})((?:(?![{_NOT_NAME}]|{_TITLES})[{_HAN}]){{0,2}})(?={_TITLES})")
_TITLED = re.compile(_TITLES)
_ENGLISH = re.compile(
    r"\b(?:(?:my|his|her|the|their) (?:full )?name(?: is|'s)|name is|i am called|they call me|"
    r"mr\.?|mrs\.?|ms\.?|miss|mister|madam|dr\.?)\s+([a-z][a-z'-]+(?:\s+[a-z][a-z'-]+)?)",
    re.IGNORECASE,
)
_ENGLISH_CUE = re.compile(r"name|call|\bm(?:r|rs|s|iss|ister|adam)\b|\bdr\b", re.IGNORECASE)
_ENGLISH_NOT_NAME = re.compile(
    "not|on|in|at|the|a|an|and|is|was|with|for|to|my|your|it|that|this|here|there|from|but|or|so|"
    "please|sorry|yes|no|correct|right|spelled|i|we|you|he|she|they|of|as|calling|how|what|can|may|"
    "will|would|could|thank|thanks",
    re.IGNORECASE,
)


def name_spans(text: str) -> tuple[CharSpan, ...]:
    """The names after words that introduce one (姓王, 我叫张伟) or before a title (张伟先生)."""
    spans: list[CharSpan] = []
    if "叫" in text or "姓" in text or "是" in text:
        for pattern in (_INTRODUCED, _CLAUSE, _NAMED):
            for found in pattern.finditer(text):
                span = _cut(text, *found.span(1))
                if span is not None:
                    spans.append(span)
    if _TITLED.search(text):
        for found in _ADDRESSED.finditer(text):
            given = found.group(2)
            start, end = found.span()
            if found.group() == "位":
                continue  # 这位先生
            if found.group(1) in _DOUBTFUL and given[:1] in SURNAMES:
                # 向张先生: the first is a word, the name begins after it.
                start += 1
            spans.append((start, end))
    if _ENGLISH_CUE.search(text):
        spans += _english(text)
    return tuple(spans)


def _cut(text: str, start: int, end: int) -> CharSpan | None:
    """A name ends before a word that is none; None where nothing is left of it."""
    for i in range(start, end):
        if text[i] in _NOT_NAME or text.startswith(_AFTER_NAME, i):
            end = i
            break
    return (start, end) if end > start else None


def _english(text: str) -> list[CharSpan]:
    spans: list[CharSpan] = []
    for found in _ENGLISH.finditer(text):
        start = found.start(1)
        end = start
        for word in re.finditer(r"\S+", found.group(1)):
            if _ENGLISH_NOT_NAME.fullmatch(word.group()):
                break
            end = start + word.end()
        if end > start:
            spans.append((start, end))
    return spans
