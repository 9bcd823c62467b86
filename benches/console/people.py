"""Names, departments and userids of a large Chinese company, the same ones with each run."""

SURNAMES = """王wang 李li 张zhang 刘liu 陈chen 杨yang 黄huang 赵zhao 吴wu 周zhou 徐xu 孙sun 马ma 朱zhu 胡hu 郭guo 何he 林lin 高gao 罗luo
郑zheng 梁liang 谢xie 宋song 唐tang 许xu 韩han 冯feng 邓deng 曹cao 彭peng 曾zeng 肖xiao 田tian 董dong 潘pan 袁yuan 蔡cai 蒋jiang 余yu
于yu 杜du 叶ye 程cheng 魏wei 苏su 吕lv 丁ding 任ren 卢lu 姚yao 沈shen 钟zhong 姜jiang 崔cui 谭tan 陆lu 范fan 汪wang 廖liao
石shi 金jin 贾jia 夏xia 韦wei 付fu 方fang 邹zou 熊xiong 白bai 孟meng 秦qin 邱qiu 江jiang 尹yin 薛xue 阎yan 段duan 雷lei 侯hou
欧阳ouyang 上官shangguan 司马sima 诸葛zhuge"""

GIVEN = """伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang 勇yong 艳yan 杰jie 娟juan 涛tao 明ming 超chao 秀xiu 霞xia 平ping
刚gang 桂gui 英ying 华hua 玉yu 萍ping 红hong 玲ling 辉hui 健jian 鹏peng 波bo 斌bin 宇yu 浩hao 凯kai 晨chen 雪xue 婷ting 倩qian
欣xin 怡yi 佳jia 琪qi 子zi 轩xuan 梓zi 涵han 一yi 诺nuo 思si 远yuan 博bo 文wen 志zhi 建jian 国guo 海hai 燕yan 梅mei
云yun 龙long 飞fei 翔xiang 俊jun 峰feng 嘉jia 慧hui 晓xiao 东dong 亮liang 毅yi 恒heng 乐le 瑶yao 璐lu 颖ying 洁jie 莹ying 蕾lei"""

DIVISIONS = "研发中心 产品中心 销售中心 市场部 人力资源部 财务部 法务部 供应链 制造基地 客户服务部 信息技术部 质量部 采购部 物流部 战略部 行政部 海外事业部 数据平台 安全部 设计中心".split()
REGIONS = "华东 华南 华北 华中 西南 西北 东北 北京 上海 深圳 杭州 成都 武汉 南京 西安".split()
POSITIONS = "工程师 高级工程师 产品经理 销售代表 客户经理 会计 人事专员 质检员 采购专员 设计师 测试工程师 部门经理 主管 助理 操作员".split()
TAGS = "党员 新员工 核心骨干 远程办公 夜班 内训师 急救员 值班 项目组 试点用户".split()


def pairs(text):
    """`王wang` as (`王`, `wang`)."""
    split = lambda word: next((word[:at], word[at:]) for at in range(len(word)) if word[at].isascii())
    return [split(word) for word in text.split()]


class People:
    """Makes names and userids, of which each is given once."""

    def __init__(self, random):
        self.random = random
        self.surnames = pairs(SURNAMES)
        self.given = pairs(GIVEN)
        self.taken = {}

    def one(self):
        """A name and a userid: `张伟`, `zhangwei17`."""
        surname = self.surnames[min(int(self.random.expovariate(1 / 16)), len(self.surnames) - 1)]
        given = self.random.sample(self.given, self.random.choice((1, 2, 2)))
        name = surname[0] + "".join(character for character, _ in given)
        plain = surname[1] + "".join(sound for _, sound in given)
        number = self.taken.get(plain, 0)
        self.taken[plain] = number + 1
        return name, plain if number == 0 else f"{plain}{number}"


def departments(count):
    """`(number, parent, name, path)` of so many departments: twenty divisions, regions below them, teams below those."""
    made = [(1, 0, "青云集团", "/1/")]
    level = made
    while len(made) < count:
        below = []
        for number, _, name, path in level:
            for place in range(20 if number == 1 else 15):
                if len(made) + len(below) >= count:
                    break
                child = len(made) + len(below) + 1
                if number == 1:
                    called = DIVISIONS[place]
                elif path.count("/") == 3:
                    called = f"{REGIONS[place]}{name}"
                else:
                    called = f"{name}{place + 1}组"
                below.append((child, number, called, f"{path}{child}/"))
        made += below
        level = below
    return made
