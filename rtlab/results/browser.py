"""What the browser itself does: experiments in a page that ``rtlab.browser_lab()`` gave."""

from __future__ import annotations

from rtlab.results.page_background import background as background
from rtlab.results.page_ends import close_codes as close_codes
from rtlab.results.page_fetch import fetch_stream as fetch_stream
from rtlab.results.page_limits import connection_limit as connection_limit
from rtlab.results.page_messages import binary_types as binary_types
from rtlab.results.page_origins import origins as origins
from rtlab.results.page_pouring import buffered_amount as buffered_amount
from rtlab.results.page_replies import reply_states as reply_states
from rtlab.results.page_resumption import last_event_id as last_event_id
from rtlab.results.page_schemes import schemes as schemes
from rtlab.results.page_support import support as support
