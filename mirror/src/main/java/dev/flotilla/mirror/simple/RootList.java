package dev.flotilla.mirror.simple;

import dev.flotilla.vocabulary.ProjectName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All projects of an index: their normal names, sorted, each once (PEP 503, 691). Hundreds of thousands of names are kept as
 * one array of bytes, some 20 bytes a name. Immutable and thread-safe.
 */
public final class RootList {
    private final byte[] names;
    private final int[] starts;

    /** {@code starts} has one entry more than there are names: where the next one would begin. */
    RootList(byte[] names, int[] starts) {
        this.names = names;
        this.starts = starts;
    }

    /** A list of {@code projects}, in any order. */
    public static RootList of(Iterable<ProjectName> projects) {
        var builder = new RootListBuilder(Integer.MAX_VALUE);
        for (ProjectName project : projects) {
            builder.add(project);
        }
        return builder.build();
    }

    /** How many projects there are. */
    public int size() {
        return starts.length - 1;
    }

    /** The names, sorted. */
    public Stream<ProjectName> names() {
        return IntStream.range(0, size()).mapToObj(i -> new ProjectName(name(i)));
    }

    /** Whether {@code project} is listed, in time logarithmic in the list. */
    public boolean contains(ProjectName project) {
        byte[] sought = project.normal().getBytes(StandardCharsets.US_ASCII);
        int low = 0;
        int high = size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Arrays.compare(names, starts[middle], starts[middle + 1], sought, 0, sought.length);
            if (order == 0) {
                return true;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return false;
    }

    /** Renders the list piece by piece, the same bytes every time; {@code out} is left open. */
    public void write(PageForm form, OutputStream out) throws IOException {
        switch (form) {
            case JSON -> writeJson(out);
            case HTML -> writeHtml(out);
        }
    }

    /** What {@link #write} writes, at once. */
    public byte[] render(PageForm form) {
        var out = new ByteArrayOutputStream(names.length * 2 + size() * 24 + 512);
        try {
            write(form, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be written", impossible);
        }
        return out.toByteArray();
    }

    private void writeJson(OutputStream out) throws IOException {
        var text = new StringBuilder(16_384)
                .append("{\"meta\":{\"api-version\":\"" + PageRenderer.API_VERSION + "\"},\"projects\":[");
        for (int i = 0; i < size(); i++) {
            // a normal name needs no escape in either form
            text.append(i == 0 ? "{\"name\":\"" : ",{\"name\":\"")
                    .append(name(i))
                    .append("\"}");
            flush(text, out);
        }
        text.append("]}");
        out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private void writeHtml(OutputStream out) throws IOException {
        var html = new HtmlWriter(out);
        html.begin(PageRenderer.API_VERSION, "Simple index", Optional.empty());
        for (int i = 0; i < size(); i++) {
            html.project(name(i));
        }
        html.end();
    }

    private static void flush(StringBuilder text, OutputStream out) throws IOException {
        if (text.length() >= 8192) {
            out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
            text.setLength(0);
        }
    }

    private String name(int i) {
        return new String(names, starts[i], starts[i + 1] - starts[i], StandardCharsets.US_ASCII);
    }
}
