"""The only Streamlit helpers: inputs, cache, text, layout, server."""
