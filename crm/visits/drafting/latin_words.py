"""Words by which a name in Latin letters is told from what only looks like one."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Given names that are common among who writes to us, in English or beside a Chinese name.
GIVEN = _words(
    "Aaron Abby Adam Adrian Alan Albert Alex Alexander Alice Alison Allen Amanda Amy Andrea "
    "Andrew Andy Angela Angie Anita Ann Anna Anne Annie Anthony Arthur Barbara Ben Benjamin "
    "Betty Bob Bonnie Brandon Brenda Brian Bruce Bryan Calvin Carl Carol Caroline Catherine "
    "Cathy Charles Charlie Charlotte Chris Christian Christina Christine Christopher Cindy "
    "Claire Connie Craig Crystal Cynthia Dan Daniel David Deborah Debbie Denise Dennis Derek "
    "Diana Donald Donna Doris Dorothy Doug Douglas Dylan Eddie Edward Elaine Eleanor Elena "
    "Elizabeth Ella Ellen Emily Emma Eric Erica Erik Ethan Eugene Eva Evelyn Fiona Frances "
    "Francis Fred Frederick Gary Gavin Gene Geoffrey George Gerald Gloria Gordon Greg Gregory "
    "Hannah Harold Harry Heather Helen Henry Herman Howard Hugh Ian Ingrid Irene Isaac Isabel "
    "Ivan Ivy Jack Jackie Jacky Jacob Jake James Jamie Jane Janet Jason Jay Jean Jeff Jeffrey "
    "Jennifer Jenny Jeremy Jerry Jesse Jessica Jill Jim Jimmy Joan Joanna Joe Joel John Johnny "
    "Jon Jonathan Joseph Joshua Joyce Juan Judy Julia Julian Julie Justin Karen Karl Kate "
    "Katherine Kathy Katie Keith Kelly Ken Kenneth Kenny Kevin Kim Kimberly Kristin Kyle Larry "
    "Laura Lauren Lawrence Leo Leon Leonard Leslie Lillian Lily Linda Lisa Louis Louise Lucas "
    "Lucy Luke Lynn Maggie Marcus Margaret Maria Marie Marilyn Mario Martha Martin Mary Matt "
    "Matthew Megan Melissa Michael Michelle Mike Miranda Monica Nancy Natalie Nathan Neil "
    "Nicholas Nick Nicole Nina Oliver Olivia Oscar Owen Pam Pamela Patricia Patrick Paul Paula "
    "Peggy Peter Phil Philip Rachel Ralph Raymond Rebecca Richard Rick Ricky Rita Robert Robin "
    "Roger Ron Ronald Roy Russell Ryan Sally Sam Samantha Samuel Sandra Sandy Sara Sarah Scott "
    "Sean Sharon Shirley Simon Sophia Sophie Stella Stephanie Stephen Steve Steven Stuart Sue "
    "Susan Sylvia Tammy Ted Teresa Terry Theresa Thomas Tiffany Tim Timothy Tina Todd Tom Tommy "
    "Tony Tracy Vanessa Vera Veronica Vicky Victor Victoria Vincent Vivian Walter Wayne Wendy "
    "William Winnie Yvonne Zoe"
)
# Some of them are words too: alone they name only somebody who is known, and beside a title.
WORDS_TOO = _words(
    "Crystal Ivy Jay Joy Lily Mark Bill Will May June April Grant Grace Rose Hope Faith Ray"
)
FAMILY = _words(
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo Lin Gao Luo Zheng "
    "Liang Xie Song Tang Han Feng Deng Cao Peng Zeng Xiao Tian Dong Yuan Pan Jiang Cai Yu Du Ye "
    "Cheng Su Wei Lu Ding Ren Shen Yao Cui Zhong Tan Fan Liao Jia Xia Fu Fang Bai Zou Meng "
    "Xiong Qin Qiu Hou Shao Wan Duan Lei Qian Yin Chang Lai Kong Xue Lee Wong Chan Cheung Leung "
    "Lau Ng Ho Tsai Hsu Kuo Yeh Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson "
    "Taylor Thomas Moore Jackson Thompson Harris Clark Lewis Robinson Walker Young Wright Scott "
    "Hill Adams Baker Nelson Campbell Mitchell Roberts Carter Phillips Evans Turner Parker "
    "Collins Edwards Stewart Morris Murphy Cook Rogers Kim Park Choi Tanaka Suzuki Sato Kumar "
    "Singh Sharma Patel"
)
# Of a company, a product or a place: no run of words that holds one names a person.
NO_NAMES = _words(
    "Cloud Data Studio Platform Network Networks System Systems Software Technology "
    "Technologies Group Inc Ltd Corp Corporation Company Lab Labs Bank Capital Venture Ventures "
    "Partner Partners University Institute Center Centre Street Road Avenue Park City Tower "
    "Team Service Services Solution Solutions Office Server Suite Hub Enterprise Global "
    "International China Chinese Beijing Shanghai Shenzhen Chengdu Hangzhou Jiaxing Hong Kong "
    "New York San Los Silicon Valley United States America American Europe Asia Pacific North "
    "South East West January February March July August September October November December "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Project Product Business "
    "Intelligence Artificial Machine Learning Deep Big Smart Digital Security Analytics Code "
    "Copilot Insights Dynamics Visual Power Open Red Hat Blue Green Black White Web App Apps "
    "Mobile Online Pro Plus Premium Standard Edition Version Foundation Consulting Holdings "
    "Industries Electric Motors Energy Health Media Stanley Sachs Lynch Dell Oracle Adobe Cisco "
    "Intel Google Microsoft Amazon Apple Salesforce Workday Snowflake Splunk Atlassian Autodesk "
    "Siemens Bosch Tesla Claude Gemini Alexa Siri Watson Sales Marketing Engineering Finance "
    "Legal"
)
# They begin a sentence before a name, or stand before one that is called so.
BEFORE = _words(
    "Met Called Saw Visited Yesterday Today Then And But With Dear Hi Hello Also When After "
    "Before Contact Spoke Talked Emailed Asked Told From By As So Our Their The Both Meeting "
    "Note Notes Re"
)
TITLE = (
    r"(?:CEO|CTO|CFO|COO|CIO|CMO|CSO|CPO|CHRO|GM|VP|SVP|EVP|AVP|MD"
    r"|(?:[A-Z][A-Za-z&]+ |Vice )*"
    r"(?:President|Director|Manager|Engineer|Partner|Head|Officer|Founder|Chairman|Consultant|Architect|Lead))"
    r"(?: of (?:[A-Z][A-Za-z&]*)(?: (?:and )?[A-Z][A-Za-z&]*){0,2})?"
)
