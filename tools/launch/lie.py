# SPDX-License-Identifier: Apache-2.0
"""A lie of the host's, as --lie and a campaign's files have it: monitor/host/point.h says what it means."""
from __future__ import annotations

import re

_NUMBER = "(0x[0-9a-f]+|[0-9]+)"
LIE = re.compile(rf"[a-z0-9-]+/[a-z0-9-]+@[0-9]+(\+[0-9]+)?(x([1-9][0-9]*|all))?(=({_NUMBER}:)?(last|\^?{_NUMBER}))?")
