package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.PageForm;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Renders and compresses pages into direct memory, piece by piece and never by way of a copy on the heap. For any thread. */
final class PreparedBodies {
    private final DirectMemory memory;

    PreparedBodies(DirectMemory memory) {
        this.memory = memory;
    }

    /** What writes the bytes of a page in one form, the same every time. */
    interface Rendering {
        void write(PageForm form, OutputStream out) throws IOException;
    }

    /** A page with these representations of what {@code rendering} writes. Nothing is held where that fails. */
    PreparedPage page(Set<Variant> variants, Rendering rendering, Compression compression) {
        return page(variants, new PreparedPage(Map.of()), rendering, compression, Compression.MANY_HANDS);
    }

    /** The same, of a page of which some representations are there, to be compressed where they aren't; without haste. */
    PreparedPage page(Set<Variant> variants, PreparedPage present, Rendering rendering, Compression compression) {
        return page(variants, present, rendering, compression, Compression.OWN_HANDS);
    }

    private PreparedPage page(
            Set<Variant> variants, PreparedPage present, Rendering rendering, Compression compression, Executor hands) {
        Map<Variant, PreparedBody> bodies = new LinkedHashMap<>();
        boolean whole = false;
        try {
            for (var variant : Variant.plainFirst(variants)) {
                var plain = variant.with(ContentCoding.IDENTITY);
                bodies.put(
                        variant,
                        body(
                                variant,
                                bodies.getOrDefault(plain, present.bodies().get(plain)),
                                rendering,
                                compression,
                                hands));
            }
            whole = true;
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be written", impossible);
        } finally {
            if (!whole) {
                bodies.values().forEach(PreparedBody::release);
            }
        }
        return new PreparedPage(bodies);
    }

    /** One representation. */
    PreparedBody body(Variant variant, Rendering rendering, Compression compression) {
        try {
            return body(variant, null, rendering, compression, Compression.MANY_HANDS);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory can be written", impossible);
        }
    }

    private PreparedBody body(
            Variant variant, @Nullable PreparedBody plain, Rendering rendering, Compression compression, Executor hands)
            throws IOException {
        return new PreparedBody(
                memory,
                out -> {
                    if (plain != null) {
                        compression.code(variant.coding(), plain.bytes(), out, hands);
                        return;
                    }
                    try (var coded = compression.coded(variant.coding(), out, hands)) {
                        rendering.write(variant.form(), coded);
                    }
                },
                variant.coding());
    }
}
