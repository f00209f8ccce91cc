"""Export and import of the register: a workbook or a JSON document, there and back without loss."""
