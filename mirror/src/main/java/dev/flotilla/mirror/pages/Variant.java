package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.PageForm;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** One representation of a page. */
public record Variant(PageForm form, ContentCoding coding) {
    /** The representations of what has one form alone. */
    static Set<Variant> ofJson() {
        var all = all();
        all.removeIf(variant -> variant.form() != PageForm.JSON);
        return all;
    }

    /** The same page in another coding. */
    Variant with(ContentCoding other) {
        return new Variant(form, other);
    }

    /** The same, those without a coding ahead, of which the others can be made. */
    static List<Variant> plainFirst(Set<Variant> variants) {
        return Stream.concat(
                        variants.stream().filter(Variant::isPlain),
                        variants.stream().filter(variant -> !variant.isPlain()))
                .toList();
    }

    private boolean isPlain() {
        return coding == ContentCoding.IDENTITY;
    }

    /** What every client of a project's page takes who installs packages: both forms, in the coding that all of them know. */
    static Set<Variant> usual() {
        var usual = all();
        usual.removeIf(variant -> variant.coding() != ContentCoding.GZIP);
        return usual;
    }

    /** The same, and those without a coding that they can be made of. */
    static Set<Variant> withPlain(Set<Variant> variants) {
        var more = new LinkedHashSet<>(variants);
        variants.forEach(variant -> more.add(variant.with(ContentCoding.IDENTITY)));
        return more;
    }

    private static Set<Variant> all() {
        var all = new LinkedHashSet<Variant>();
        for (var form : PageForm.values()) {
            for (var coding : ContentCoding.values()) {
                all.add(new Variant(form, coding));
            }
        }
        return all;
    }
}
