package dev.flotilla.controller.local.sample;

import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Data that looks random, is the same everywhere and need not lie in the sources. */
final class GeneratedData {
    private static final int LARGEST_BYTES = 16 << 20;

    private GeneratedData() {}

    /** Reads lines of {@code path size-in-bytes} and makes up each file. */
    static Map<String, byte[]> declaredIn(Path file) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.strip().split(" ", -1);
            if (words.length != 2) {
                throw new IllegalArgumentException(file + ": a line is a path and a size in bytes, not: " + line);
            }
            files.put(words[0], bytes(words[0], Integer.parseInt(words[1])));
        }
        return files;
    }

    private static byte[] bytes(String seed, int length) {
        if (length < 0 || length > LARGEST_BYTES) {
            throw new IllegalArgumentException(seed + ": between 0 and " + LARGEST_BYTES + " bytes, not " + length);
        }
        byte[] content = new byte[length];
        var digester = Sha256.digester();
        for (int position = 0, block = 0; position < length; block++) {
            byte[] part = digester.digest((seed + " " + block).getBytes(StandardCharsets.UTF_8));
            int size = Math.min(part.length, length - position);
            System.arraycopy(part, 0, content, position, size);
            position += size;
        }
        return content;
    }
}
