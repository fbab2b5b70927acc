package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.PageForm;
import java.util.LinkedHashSet;
import java.util.Set;

/** One representation of a page. */
public record Variant(PageForm form, ContentCoding coding) {
    /** The representations of what has one form alone. */
    static Set<Variant> ofJson() {
        var all = all();
        all.removeIf(variant -> variant.form() != PageForm.JSON);
        return all;
    }

    /** Every representation that there is. */
    static Set<Variant> all() {
        var all = new LinkedHashSet<Variant>();
        for (var form : PageForm.values()) {
            for (var coding : ContentCoding.values()) {
                all.add(new Variant(form, coding));
            }
        }
        return all;
    }
}
