"""Headers: which column of a table holds which field of the frame.

A header is known by its normal form (`normal_header`). The design's [columns] name further headers; for a field named
there nothing else counts.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sampler.design import Design
from sampler.errors import InputError
from sampler.frame import SCHEMA
from sampler.intake.source import Column

_WORDS: dict[str, str] = {
    "name": """
        企业名称 市场主体名称 经营主体名称 经营者名称 主体名称 单位名称 商事主体名称 被抽样单位名称
        被抽样单位 受检单位名称 受检单位 商户名称 店铺名称 公司名称 名称 字号 字号名称 企业
        店名 户名 厂名 企业名 企业名稱 企業名稱 生产企业 生产企业名称
        enterprise_name company_name business_name enterprise company name
    """,
    "code": """
        统一社会信用代码 统一社会信用代码/注册号 统一社会信用代码/营业执照号 统一社会信用代码或注册号
        统一信用代码 社会信用代码 信用代码 统一代码 注册号 注册号/统一社会信用代码 营业执照号
        营业执照注册号 营业执照编号 uscc uscicode uniscid creditcode unified_social_credit_code
        social_credit_code registration_number code
    """,
    "city": """
        市 城市 地市 所属市 所在市 所属城市 所在城市 地级市 市州 city
    """,
    "district": """
        区 区县 县区 所属区 所属区县 所在区 所在区县 区域 辖区 所属辖区 县 县市区 行政区 行政区划
        行政区划代码 行政区域 区划代码 区名 属地 登记机关 district district_name county borough
    """,
    "street": """
        镇街 街镇 街道 乡镇街道 乡镇 镇街道 街道乡镇 所属街道 所属镇街 所在街道 street subdistrict town
    """,
    "office": """
        监管所 市场监管所 市场监督管理所 监管机构 监管单位 管辖单位 所属监管所 管辖机构 日常监管机构
        office station
    """,
    "address": """
        经营场所 主要经营场所 营业场所 生产经营地址 生产地址 经营地址 营业地址 地址 详细地址 住所
        注册地址 企业地址 住所地址 住所/经营场所 住所经营场所 business_address address
    """,
    "contact": """
        联系人 联系人姓名 负责人 法定代表人 法定代表人/负责人 法定代表人或负责人 法人 法人代表
        企业负责人 经营者 经营者姓名 contact contact_person person_in_charge legal_representative
    """,
    "phone": """
        联系电话 电话 手机 联系方式 手机号 手机号码 电话号码 联系手机 法定代表人电话 phone telephone tel
        mobile phone_number
    """,
    "category": """
        产品类别 食品类别 类别 品类 产品大类 商品类别 产品分类 所属类别 重点产品类别 监管类别 抽查类别
        product_category category
    """,
    "product": """
        主营产品 产品名称 主要产品 产品 产品种类 主营商品 商品名称 经营品种 许可项目 许可品种 食品品种
        食品名称 经营项目 主营业务 main_product product products
    """,
    "scope": """
        经营范围 许可范围 业务范围 business_scope scope
    """,
    "industry": """
        行业代码 国民经济行业代码 国民经济行业 行业小类 行业中类 行业大类 所属行业 行业 行业分类
        行业名称 行业类别 行业门类 industry_code industry
    """,
    "stage": """
        环节 抽样环节 生产经营环节 主体业态 业态 经营业态 所属环节 stage
    """,
    "area_type": """
        区域类型 城乡分类 城乡类型 区域性质 城乡 城乡属性 地域类型 area_type
    """,
    "credit_class": """
        质量信用等级 信用等级 信用分类 企业信用等级 信用风险分类 信用风险等级 信用类别 信用级别
        分类监管等级 credit_class credit_rating
    """,
    "risk_grade": """
        风险等级 风险分级 食品安全风险等级 风险级别 风险分类 量化等级 监管等级 risk_grade risk_level
    """,
    "licence": """
        许可证号 许可证编号 生产许可证号 生产许可证编号 经营许可证号 食品生产许可证编号
        食品经营许可证编号 sc编号 sc证号 sc许可证号 备案号 备案编号 证书编号 licence_number
        license_number licence license
    """,
    "status": """
        登记状态 经营状态 企业状态 监管状态 主体状态 市场主体状态 状态 registration_status status
    """,
    "complaints": """
        投诉次数 投诉举报次数 投诉数 投诉举报数 投诉量 12315投诉次数 12315投诉举报次数 近一年投诉次数
        complaints complaint_count
    """,
    "failures": """
        不合格次数 不合格批次 不合格批次数 抽检不合格次数 抽查不合格次数 历史不合格次数 近三年不合格次数
        近两年不合格次数 近一年不合格次数 既往不合格次数 failures failure_count failed_count
    """,
    "penalties": """
        处罚次数 行政处罚次数 处罚数 行政处罚数 近一年处罚次数 近两年处罚次数 近三年处罚次数 penalties
        penalty_count
    """,
    "established": """
        成立日期 成立时间 注册日期 登记日期 开业日期 设立日期 核准日期 established established_on
        date_established
    """,
    "last_inspected": """
        上次抽查日期 上次抽检日期 最近抽查日期 最近抽检日期 最近一次抽查日期 最近一次抽检日期
        上次检查日期 最近检查日期 最近一次检查日期 最近检查时间 上次抽查时间 上次抽样日期 last_inspected
        last_inspection last_inspection_date last_checked
    """,
    "blacklisted": """
        是否黑名单 黑名单 是否列入黑名单 质量失信黑名单 是否质量失信黑名单 严重违法 是否严重违法
        严重违法失信 是否严重违法失信 严重违法失信名单 是否列入严重违法失信名单 失信黑名单 blacklisted
        blacklist
    """,
    "abnormal": """
        经营异常 是否经营异常 经营异常名录 是否列入经营异常名录 列入经营异常名录 异常名录 是否异常
        abnormal abnormal_operation
    """,
}

ALIASES: dict[str, tuple[str, ...]] = {field: tuple(words.split()) for field, words in _WORDS.items()}
"""Field → headers it is known by, the better first: where a table has several, the first that is filled counts."""

RESERVED = frozenset({"unit_id", "enterprise", "source_file", "source_sheet", "source_row", "tier"})
"""Columns that are made, not read; [columns] cannot name them."""

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|《[^《》]*》|\{[^{}]*\}")
_NOISE = re.compile(r"[\s\u200b-\u200f\ufeff*:_\-.·、,;'\"“”‘’()\[\]【】]+")
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.、)]\s*(?=\D)")


def normal_header(header: str) -> str:
    """A header's normal form: half-width, lower case, without blanks, marks, numbering, brackets and what is in them."""
    text = _NUMBERED.sub("", unicodedata.normalize("NFKC", header))
    bare = text
    while (shorter := _BRACKETED.sub("", bare)) != bare:
        bare = shorter
    return _NOISE.sub("", bare).lower() or _NOISE.sub("", text).lower()


_KNOWN: dict[str, tuple[str, int]] = {
    normal_header(alias): (field, rank)
    for field, aliases in ALIASES.items()
    for rank, alias in reversed(list(enumerate(aliases)))
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A column that was not read, and the field its header comes close to."""

    column: Column
    field: str
    alias: str


@dataclass(frozen=True)
class HeaderMap:
    """How the columns of one table are read.

    Attributes:
        fields: field → its columns, the better first.
        suggestions: columns not read whose header nearly is that of a field without a column.
        unread: headers of the columns that were not read.
    """

    fields: Mapping[str, tuple[Column, ...]]
    suggestions: tuple[Suggestion, ...]
    unread: tuple[str, ...]


def field_order(design: Design) -> tuple[str, ...]:
    """The fields that are read for a design: those of the frame, then the design's own.

    Raises:
        InputError: [columns] names a column that is made, not read.
    """
    for name in design.columns:
        if name in RESERVED:
            raise InputError("intake.reserved_column", name=name)
    return (*ALIASES, *(name for name in design.columns if name not in ALIASES and name not in SCHEMA))


def _matcher(design: Design) -> Callable[[str], tuple[str, int] | None]:
    """Header → its field and how good a name it is (0 is best), or None."""
    field_order(design)
    exact: dict[str, tuple[str, int]] = {}
    loose: dict[str, tuple[str, int]] = {}
    for field, headers in design.columns.items():
        for rank, header in enumerate(headers):
            exact.setdefault(exact_header(header), (field, rank))
            loose.setdefault(normal_header(header), (field, rank))

    def match(header: str) -> tuple[str, int] | None:
        if found := exact.get(exact_header(header)):
            return found
        normal = normal_header(header)
        if not normal:
            return None
        if found := loose.get(normal):
            return found
        found = _known(normal)
        return None if found is None or found[0] in design.columns else found

    return match


def _known(normal: str) -> tuple[str, int] | None:
    """The field that a normal header names by itself, and how good a name it is."""
    found = _KNOWN.get(normal)
    if found is None and (two := _BILINGUAL.match(normal)):
        chinese, english = (_KNOWN.get(part) for part in two.groups())
        found = chinese if chinese and english and chinese[0] == english[0] else None
    return found


def field_by_itself(header: str) -> str | None:
    """The field that a header names where the design says nothing of it."""
    found = _known(normal_header(header))
    return None if found is None else found[0]


_BILINGUAL = re.compile(r"^([^a-z]+?)/?([a-z]+)$")
"""A normal header in Chinese and then in English: 企业名称companyname."""


def exact_header(header: str) -> str:
    """A header as the design's own are compared first: half-width, lower case, blanks made one; brackets count."""
    return " ".join(unicodedata.normalize("NFKC", header).split()).lower()


def recogniser(design: Design) -> Callable[[Sequence[str]], int]:
    """The function that counts the known column names among some cells, each field once."""
    match = _matcher(design)

    def recognise(cells: Sequence[str]) -> int:
        return len({found[0] for cell in cells if cell and len(cell) <= 80 and (found := match(cell))})

    return recognise


def map_headers(columns: Iterable[Column], design: Design) -> HeaderMap:
    """Which columns of a table are read as which fields."""
    match = _matcher(design)
    found: dict[str, list[tuple[int, int, Column]]] = {}
    unread: list[Column] = []
    for column in columns:
        matched = match(column.header) if column.header else None
        if matched is None:
            unread.append(column)
        else:
            found.setdefault(matched[0], []).append((matched[1], column.index, column))
    fields = {
        field: tuple(column for _, _, column in sorted(found[field], key=lambda entry: entry[:2]))
        for field in field_order(design)
        if field in found
    }
    return HeaderMap(
        fields,
        tuple(s for column in unread if (s := _suggestion(column, fields))),
        tuple(column.header for column in unread if column.header),
    )


def _suggestion(column: Column, taken: Mapping[str, object]) -> Suggestion | None:
    """The field without a column of its own that a header comes closest to."""
    normal = normal_header(column.header)
    latin = normal.isascii()
    if len(normal) < 3 or (latin and normal.endswith("id")):
        return None
    free = [alias for alias, (field, _) in _KNOWN.items() if field not in taken and len(alias) >= 3]
    close = difflib.get_close_matches(normal, free, n=1, cutoff=0.85 if latin else 0.75)
    inside = [alias for alias in free if len(alias) >= 4 and alias in normal and not latin]
    best = close[0] if close else max(inside, key=len, default=None)
    return None if best is None else Suggestion(column, _KNOWN[best][0], best)
