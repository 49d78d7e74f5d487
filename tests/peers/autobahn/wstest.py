# The Autobahn test suite's `wstest`, started by the Python 2.7 that tests/peers.sh unpacked: wstest.py FOLDER OPTION...
# What the suite would import and its fuzzing server never uses is stood in for: TLS, and another name for unittest.
import site
import sys
import types
import unittest

site.addsitedir(sys.argv.pop(1))

import twisted.internet
import txaio

twisted.internet.ssl = sys.modules["twisted.internet.ssl"] = types.ModuleType("ssl")
sys.modules["unittest2"] = unittest
txaio.use_twisted()

from autobahntestsuite.wstest import run

run()
