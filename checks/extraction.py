"""Names of what the parsers report while reading; they raise these findings themselves."""

from __future__ import annotations

from checks.rule import Rule

RULES = (
    Rule("extraction.unmatched_row", "表格行未能与表式对应", "Table row that matches no row of the form"),
    Rule("extraction.ambiguous_position", "数字位置无法确定", "Position of figures cannot be determined"),
    Rule("extraction.conflicting_rows", "表格行自相矛盾", "Rows that contradict each other"),
    Rule("extraction.close_match", "标签按近似辨认", "Label matched by likeness"),
    Rule("extraction.unreadable_cell", "单元格无法读作数字", "Cell that cannot be read as a number"),
    Rule("extraction.further_pages", "报告分多页刊登", "Report divided over several pages"),
    Rule("extraction.unreadable_text", "文字无法辨认", "Text that cannot be read"),
    Rule("extraction.row_missing", "表格缺行", "Row of the form not found"),
    Rule("extraction.table_missing", "正文中没有可读的表格", "Table not found in the text"),
    Rule("extraction.scanned_pages", "有图片页未读取", "Pages that are pictures were not read"),
    Rule("extraction.ocr", "由扫描件识读", "Recognised in scanned pages"),
    Rule("extraction.ocr_unconfirmed", "扫描件识读的数字未得到印证", "Recognised figures that no sum confirms"),
    Rule("extraction.converted", "经格式转换后读取", "Read after conversion from an older file format"),
)
