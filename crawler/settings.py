"""Scrapy settings of the crawler: polite by default, bounded in every direction.

A portal's own ``delay`` and ``contact`` override what stands here, see
:meth:`crawler.portals.Portal.settings`.
"""

from __future__ import annotations

import os
from importlib import metadata

try:
    VERSION = metadata.version("nianbao")
except metadata.PackageNotFoundError:
    VERSION = "0"


def user_agent(contact: str) -> str:
    """Name the crawler honestly, with ``contact`` (an address or a page) when there is one."""
    return f"Nianbao/{VERSION} (+{contact})" if contact else f"Nianbao/{VERSION}"


BOT_NAME = "nianbao"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

NIANBAO_CONTACT = os.environ.get("NIANBAO_CONTACT", "")
USER_AGENT = user_agent(NIANBAO_CONTACT)
ROBOTSTXT_USER_AGENT = "Nianbao"
ROBOTSTXT_OBEY = True

CONCURRENT_REQUESTS = 16
# The spider yields nothing: tasks that wait for items would only cost time.
CONCURRENT_ITEMS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2.0
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
NIANBAO_PORTALS_AT_ONCE = 8

DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_MAX_TIMES = 8
# Meta refreshes are links like any other here: they must stand in the frontier.
METAREFRESH_ENABLED = False
RETRY_TIMES = 2
# Failures are told once, in the summary of the run.
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
DNS_TIMEOUT = 20
URLLENGTH_LIMIT = 2083
MEMUSAGE_LIMIT_MB = 2048
MEMUSAGE_WARNING_MB = 1536
EXTENSIONS = {
    "scrapy.extensions.memusage.MemoryUsage": None,
    "crawler.memory.CurrentMemoryUsage": 0,
}

COOKIES_ENABLED = True
HTTPCACHE_ENABLED = False
TELNETCONSOLE_ENABLED = False
# It would run code sent over a local port; nothing here needs that.
REMOTE_CONTROL_ENABLED = False

# The frontier in the archive is the one truth about what is done and what is left.
SCHEDULER = "crawler.scheduler.FrontierScheduler"
JOBDIR = None
TWISTED_DNS_RESOLVER = "crawler.resolver.PublicAddressResolver"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.HostRulesMiddleware": 90,
    "crawler.middlewares.RobotsMiddleware": 100,
    "crawler.middlewares.PatientRetryMiddleware": 550,
    "crawler.middlewares.ChallengeMiddleware": 560,
    "crawler.middlewares.IntactCompressionMiddleware": 590,
    "crawler.middlewares.ConditionalMiddleware": 595,
}
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
