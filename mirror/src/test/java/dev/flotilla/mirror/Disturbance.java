package dev.flotilla.mirror;

import dev.flotilla.mirror.upstream.ScriptedServer.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Something that goes wrong with one answer of an upstream on its way.
 *
 * @param at where in the body, for those that happen at a place
 */
record Disturbance(Kind kind, int at) {
    /** What goes wrong. */
    enum Kind {
        /** The connection ends in the middle of the body. */
        CUT,
        /** It is reset there. */
        RESET,
        /** Nothing comes any more, and the connection stays open. */
        STALL,
        /** One bit is wrong. */
        FLIP,
        /** The body ends early and says that this was all. */
        SHORT,
        /** More comes than there should be, and the length says so. */
        LONG,
        /** A block is missing in the middle, of a length that says so. */
        HOLE,
        /** The head breaks off. */
        HEAD_CUT,
        /** An error in place of the file. */
        ERROR,
        /** Too many requests, they say. */
        BUSY,
        /** A part that nobody asked for, or another than that. */
        OTHER_RANGE,
        /** The part that was asked for, of another file. */
        OTHER_FILE,
        /** Nothing is behind what is asked for, they say. */
        REFUSED_RANGE,
        /** The connection ends without a word. */
        SILENCE
    }

    /** How the length of a body is told. */
    enum Framing {
        LENGTH,
        CHUNKED,
        CLOSE
    }

    /**
     * A right answer: what is to be disturbed.
     *
     * @param total how long the file is
     * @param from where in the file the body begins; not 0 for a part alone
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Right(int status, byte[] body, int total, int from, Framing framing) {
        void send(Reply reply) throws IOException {
            head(reply, status, body.length);
            body(reply, body);
            end(reply);
        }

        private void head(Reply reply, int status, int length) throws IOException {
            String framed = switch (framing) {
                case LENGTH -> "Content-Length: " + length;
                case CHUNKED -> "Transfer-Encoding: chunked";
                case CLOSE -> "Connection: close";
            };
            String range =
                    status == 206 ? "Content-Range: bytes " + from + "-" + (total - 1) + "/" + total : "X-All: 1";
            reply.head(status, framed, range, "ETag: \"v1\"");
        }

        private void body(Reply reply, byte[] part) throws IOException {
            if (part.length == 0) {
                return;
            }
            if (framing == Framing.CHUNKED) {
                reply.out().write((Integer.toHexString(part.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                reply.out().write(part);
                reply.body(new byte[] {'\r', '\n'});
            } else {
                reply.body(part);
            }
        }

        private void end(Reply reply) throws IOException {
            switch (framing) {
                case LENGTH -> {}
                case CHUNKED -> reply.body("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                case CLOSE -> throw reply.end();
            }
        }

        private void wrong(Reply reply, byte[] wrong) throws IOException {
            head(reply, status, wrong.length);
            body(reply, wrong);
            end(reply);
        }
    }

    void apply(Right right, Reply reply) throws IOException {
        byte[] body = right.body();
        int place = Math.min(at, body.length);
        switch (kind) {
            case CUT, RESET, STALL -> {
                right.head(reply, right.status(), body.length);
                right.body(reply, Arrays.copyOf(body, place));
                if (kind == Kind.STALL) {
                    reply.stall();
                }
                throw kind == Kind.CUT ? reply.cut() : reply.reset();
            }
            case FLIP -> {
                byte[] wrong = body.clone();
                wrong[Math.min(place, wrong.length - 1)] ^= (byte) (1 << (at % 8));
                right.wrong(reply, wrong);
            }
            case SHORT -> right.wrong(reply, Arrays.copyOf(body, Math.min(place, body.length - 1)));
            case LONG -> right.wrong(reply, Arrays.copyOf(body, body.length + 1 + at));
            case HOLE -> {
                byte[] wrong = Arrays.copyOf(body, body.length - 1);
                int hole = Math.min(place, wrong.length);
                System.arraycopy(body, hole + 1, wrong, hole, wrong.length - hole);
                right.wrong(reply, wrong);
            }
            case HEAD_CUT -> {
                reply.body("HTTP/1.1 200 Scripted\r\nContent-Le".getBytes(StandardCharsets.US_ASCII));
                throw reply.cut();
            }
            case ERROR -> reply.whole(new int[] {500, 502, 503, 504}[at % 4], new byte[at % 100]);
            case BUSY -> reply.whole(429, new byte[0]);
            case OTHER_RANGE -> {
                int other = right.from() == 0 ? 1 : right.from() - 1;
                byte[] part = Arrays.copyOf(body, right.total() - other);
                reply.whole(
                        206,
                        part,
                        "ETag: \"v1\"",
                        "Content-Range: bytes " + other + "-" + (right.total() - 1) + "/" + right.total());
            }
            case OTHER_FILE -> {
                byte[] other = new byte[body.length];
                Arrays.fill(other, (byte) at);
                right.wrong(reply, other);
            }
            case REFUSED_RANGE -> reply.whole(416, new byte[0], "Content-Range: bytes */" + (right.total() - at % 2));
            case SILENCE -> throw reply.cut();
        }
    }
}
