# SPDX-License-Identifier: Apache-2.0
"""Each property that postern-qemu lists for a confidential object is played, told, or refused by its name, never as one that
is unknown. Usage: object_properties.py ROOT"""
import base64
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, f"{sys.argv[1]}/tools/launch")
import confidential  # noqa: E402
from options import Refused  # noqa: E402

SIZES = {"host-data": 32, "id-block": 96, "id-auth": 4096, "guest-visible-workarounds": 16, "mrconfigid": 48, "mrowner": 48,
         "mrownerconfig": 48}
VALUES = {"cbitpos": "51", "reduced-phys-bits": "1", "attributes": "0", "handle": "0"}
wrong = 0
for kind, names in confidential.PROPERTIES.items():
    for name, _, type_ in (text.partition("=") for text in names):
        value = VALUES.get(name, "on" if type_ == "<bool>" else "0x30000" if name == "policy" else "x")
        value = base64.b64encode(bytes(SIZES[name])).decode() if name in SIZES else value
        try:
            confidential.play({"qom-type": kind, "id": "s", name: value})
        except Refused as reason:
            if name not in str(reason) or "unknown" in str(reason):
                print(reason)
                wrong = 1
sys.exit(wrong)
