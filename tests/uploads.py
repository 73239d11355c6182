"""Files dropped on the Data page as its readers drop them."""

from collections.abc import Mapping

from streamlit.testing.v1 import AppTest


def drop(app: AppTest, files: Mapping[str, bytes]) -> AppTest:
    """Drop files (name to content) at once on the Data page that is open."""
    return app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files.items()]).run()


def use(app: AppTest, tables: Mapping[str, bytes]) -> AppTest:
    """Drop one CSV a dataset, and use the good rows in this session alone."""
    drop(app, {f"{dataset}.csv": content for dataset, content in tables.items()})
    return app.button(key="session_only").click().run()
