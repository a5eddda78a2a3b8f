"""The fictional city: its hosts and the twelve organs that publish reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PROVINCE = "沧岚省"
CITY = "云汀市"
COUNTY = "青砚区"
CITY_HOST = "www.yunting.gov.cn.sim"
DISTRICT_HOST = "www.qingyan.gov.cn.sim"
CITY_DIVISION = "990100"
DISTRICT_DIVISION = "990102"

Kind = Literal["government", "office", "department", "township", "street"]
Scale = Literal["city", "district", "office", "busy", "small"]


@dataclass(frozen=True, slots=True)
class Region:
    """The area whose organs a portal publishes; ``county`` is empty for a whole city or province."""

    province: str
    city: str = ""
    county: str = ""
    division: str = ""

    @property
    def name(self) -> str:
        """The area's own name, without what lies above it."""
        return self.county or self.city or self.province

    @property
    def full_name(self) -> str:
        """The area's name as its organs' official names begin; a district's is not complete without its city."""
        return self.city + self.county if self.county.endswith("区") else self.name

    @property
    def whole(self) -> str:
        """The area as its organs' prose calls it: 全市, 全区."""
        return f"全{self.name[-1]}"


CITY_REGION = Region(PROVINCE, CITY, division=CITY_DIVISION)
DISTRICT_REGION = Region(PROVINCE, CITY, COUNTY, DISTRICT_DIVISION)


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ: ``short`` is its name without the place, ``folder`` its class on the city portal.

    ``myself`` is how its prose calls it, ``topics`` are what it discloses.
    """

    key: str
    name: str
    short: str
    host: str
    kind: Kind
    scale: Scale
    myself: str
    topics: tuple[str, ...]
    folder: str = ""
    region: Region = CITY_REGION

    @property
    def local_name(self) -> str:
        """The name as the organ's own portal may print it: without the city above a district."""
        return self.region.name + self.short

    @property
    def place(self) -> str:
        """The area in which the organ works, as its prose calls it."""
        return {"township": "全镇", "street": "辖区"}.get(self.kind, self.region.whole)


def _city(key: str, short: str, kind: Kind, scale: Scale, myself: str, *topics: str) -> Organ:
    folder = "szf" if kind == "government" else "szfbm"
    return Organ(key, CITY + short, short, CITY_HOST, kind, scale, myself, topics, folder)


def _district(key: str, short: str, kind: Kind, scale: Scale, myself: str, *topics: str) -> Organ:
    name = CITY + COUNTY + short
    return Organ(key, name, short, DISTRICT_HOST, kind, scale, myself, topics, region=DISTRICT_REGION)


ORGANS: tuple[Organ, ...] = (
    _city(
        "szf",
        "人民政府",
        "government",
        "city",
        "全市各级行政机关",
        "重大建设项目批准和实施",
        "财政预决算和“三公”经费",
        "稳岗就业和社会保障",
        "营商环境政策",
    ),
    _city(
        "szfb",
        "人民政府办公室",
        "office",
        "office",
        "本机关",
        "市政府常务会议议题",
        "规范性文件及政策解读",
        "重大行政决策事项目录",
        "建议提案办理结果",
    ),
    _city(
        "xfj",
        "信访局",
        "department",
        "small",
        "我局",
        "信访事项受理范围和办理程序",
        "领导干部接访安排",
        "信访工作条例宣传解读",
        "来访接待场所和时间",
    ),
    _city(
        "jyj",
        "教育局",
        "department",
        "busy",
        "我局",
        "义务教育招生入学政策",
        "学生资助和营养改善",
        "民办学校年检结果",
        "教师招聘和职称评审",
    ),
    _city(
        "sfj",
        "司法局",
        "department",
        "busy",
        "我局",
        "行政复议决定书",
        "公共法律服务网点",
        "律师和公证机构名录",
        "行政执法主体和人员资格",
    ),
    _city(
        "wjw",
        "卫生健康委员会",
        "department",
        "busy",
        "我委",
        "医疗机构执业登记",
        "公共场所卫生监督抽检结果",
        "疫苗接种门诊信息",
        "基层卫生人才招聘",
    ),
    _district(
        "qzf",
        "人民政府",
        "government",
        "district",
        "全区各级行政机关",
        "国有土地上房屋征收补偿",
        "乡村振兴项目资金",
        "公共资源配置",
        "社会救助和养老服务",
    ),
    _district(
        "qzfb",
        "人民政府办公室",
        "office",
        "office",
        "本机关",
        "区政府常务会议",
        "政策文件及解读",
        "政府工作报告任务分解",
        "人事任免",
    ),
    _district(
        "zjj",
        "住房和城乡建设局",
        "department",
        "busy",
        "我局",
        "商品房预售许可",
        "老旧小区改造计划",
        "保障性住房分配结果",
        "建筑工程施工许可",
    ),
    _district(
        "mzj",
        "民政局",
        "department",
        "small",
        "我局",
        "城乡低保和特困供养对象",
        "社会组织登记",
        "养老机构备案",
        "临时救助标准",
    ),
    _district(
        "ltz",
        "鹿汀镇人民政府",
        "township",
        "small",
        "我镇",
        "惠农补贴发放",
        "镕桥灌区维修养护",
        "村级公益事业建设",
        "防汛值班安排",
    ),
    _district(
        "yqj",
        "雁桥街道办事处",
        "street",
        "small",
        "本街道",
        "社区网格服务",
        "便民服务中心办事指南",
        "喆园社区养老服务站开放时间",
        "城市管理执法",
    ),
)
BY_KEY = {organ.key: organ for organ in ORGANS}
