"""Search where nobody searched: suggestions while typing, the answer itself, related pages, what was asked before."""
