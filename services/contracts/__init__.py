"""What services say to each other: vocabulary, commands, facts, the catalogue's shape. No I/O, nothing imported."""
