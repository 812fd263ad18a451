"""Sphinx's settings: pages from stored notebooks, which work from a disk and without a network."""

from tools.links import repository

project = "cs826tl"
author = copyright = "the cs826tl contributors"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
]
exclude_patterns = ["README.md"]
templates_path = ["templates"]

nb_execution_mode = "off"  # what is stored is the source
nb_merge_streams = True
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
numpydoc_show_class_members = False
autosummary_generate = True
autodoc_typehints = "none"  # the signature holds them
suppress_warnings = ["mystnb.unknown_mime_type", "misc.highlighting_failure"]

html_title = "cs826tl"
html_theme = "pydata_sphinx_theme"
html_static_path = ["static"]
html_css_files = ["widgets.css", "site.css"]
html_js_files = ["replay.js", "widgets.js"]
html_copy_source = False  # notebooks and archives are downloads
html_show_sourcelink = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids on a disk
html_context = {"default_mode": "auto"}
html_theme_options = {
    "github_url": f"https://github.com/{repository()}",
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
