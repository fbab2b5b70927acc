package dev.flotilla.mirror.simple;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes bad documents of good ones: bytes flipped, parts cut, doubled and moved, pieces that hurt parsers put in. */
final class Mutations {
    private static final List<byte[]> PIECES = List.of(
            text("{"),
            text("}"),
            text("["),
            text("]"),
            text("\""),
            text(","),
            text(":"),
            text("null"),
            text("true"),
            text("-1"),
            text("1e999999999"),
            text("9".repeat(200)),
            text("\\ud800"),
            text("\\u0000"),
            text("\""),
            text("<"),
            text(">"),
            text("<!--"),
            text("-->"),
            text("<script>"),
            text("<a href=x-1.zip>"),
            text("&#x110000;"),
            text("&#0;"),
            text("&amp"),
            text("'"),
            text("../"),
            text("file:///"),
            text("%00"),
            text("%"),
            text("http://["),
            text("[".repeat(50)),
            text("{\"a\":".repeat(50)),
            new byte[] {0},
            new byte[] {(byte) 0xff, (byte) 0xfe},
            new byte[] {(byte) 0xc0, (byte) 0xaf},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            new byte[] {(byte) 0xe2, (byte) 0x82});

    private Mutations() {}

    static byte[] mutated(byte[] good, RandomGenerator random) {
        byte[] bytes = good;
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes = once(bytes, random);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, RandomGenerator random) {
        int from = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, from + random.nextInt(64));
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        switch (random.nextInt(6)) {
            case 0 -> {
                // cut off here
                return out.toByteArray();
            }
            case 1 -> {
                // this part is gone
            }
            case 2 -> {
                out.write(bytes, from, to - from);
                out.write(bytes, from, to - from);
            }
            case 3 -> out.write(random.nextInt(256));
            case 4 -> {
                out.writeBytes(PIECES.get(random.nextInt(PIECES.size())));
                out.write(bytes, from, to - from);
            }
            default -> {
                for (int i = from; i < to; i++) {
                    out.write(random.nextInt(8) == 0 ? random.nextInt(256) : bytes[i]);
                }
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
