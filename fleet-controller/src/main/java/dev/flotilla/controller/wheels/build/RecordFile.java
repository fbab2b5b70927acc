package dev.flotilla.controller.wheels.build;

import dev.flotilla.vocabulary.Sha256;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A wheel's {@code RECORD}: every file with its digest and size (PEP 376, PEP 427).
 *
 * @param rows by path; those without digest and size have none here
 */
record RecordFile(Map<String, Optional<Row>> rows) {
    private static final String SHA256 = "sha256=";

    /** What a row says of its file. */
    record Row(Sha256 digest, long size) {}

    static RecordFile read(String text) throws UnsoundWheelException {
        Map<String, Optional<Row>> rows = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            if (line.isEmpty()) {
                continue;
            }
            List<String> cells = cells(line);
            if (cells.size() != 3) {
                throw new UnsoundWheelException("RECORD has a line that isn't path, digest and size");
            }
            if (rows.put(cells.getFirst(), row(cells)) != null) {
                throw new UnsoundWheelException("RECORD names " + cells.getFirst() + " twice");
            }
        }
        return new RecordFile(rows);
    }

    private static Optional<Row> row(List<String> cells) throws UnsoundWheelException {
        String digest = cells.get(1);
        String size = cells.get(2);
        if (digest.isEmpty() && size.isEmpty()) {
            return Optional.empty();
        }
        if (!digest.startsWith(SHA256) || !size.matches("[0-9]{1,18}")) {
            throw new UnsoundWheelException("RECORD has no SHA-256 and size of " + cells.getFirst());
        }
        try {
            byte[] raw = Base64.getUrlDecoder().decode(digest.substring(SHA256.length()));
            return Optional.of(new Row(new Sha256(HexFormat.of().formatHex(raw)), Long.parseLong(size)));
        } catch (IllegalArgumentException none) {
            throw new UnsoundWheelException("RECORD has a digest of " + cells.getFirst() + " that is none");
        }
    }

    /** The cells of a line of CSV (RFC 4180) without ends of lines in them. */
    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        var cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                    cell.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }
}
