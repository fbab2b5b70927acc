package dev.flotilla.mirror.upstream;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mirrors and networks through which a request has come (CDN-Loop, RFC 8586). It belongs to the context of the request and
 * to that of every fetch that begins for it, so that it goes with each further request.
 *
 * <p>Mirrors that ask each other end circles by it. Whoever finds himself in it gives what he has and asks nobody. And nobody
 * shares a fetch with a request of another trail: what a fetch waits for is only told by the trail of the one who began it, and
 * two mirrors that each wait for the other's fetch would wait until their deadlines.
 *
 * @param field the value of the field as it came, empty where none did
 * @param mirrors those of its members that are mirrors of this kind: fetches are shared among equal ones
 * @param circular whether it has been at this node, or is too long to come from anything but a circle
 */
public record Trail(String field, Set<String> mirrors, boolean circular) {
    /** The trail of whoever isn't a mirror. */
    public static final Trail NONE = new Trail("", Set.of(), false);

    /** Some thirty mirrors one behind the other; nobody builds such a row on purpose. */
    public static final int LONGEST = 1024;

    private static final String PREFIX = "flotilla.";

    public Trail {
        mirrors = Set.copyOf(mirrors);
    }

    /** The pseudonym of a node: a token (RFC 8586, section 2) that no two nodes of a fleet share. */
    public static String pseudonym(String region, String node) {
        return PREFIX + region + "." + node;
    }

    /** What came as {@code CDN-Loop} to the node {@code self}. Text that the grammar doesn't know names no mirror. */
    public static Trail parse(Optional<String> field, String self) {
        if (field.isEmpty()) {
            return NONE;
        }
        String text = field.get();
        if (text.length() > LONGEST) {
            return new Trail("", Set.of(), true);
        }
        var mirrors = new LinkedHashSet<String>();
        for (String member : text.split(",", -1)) {
            int parameters = member.indexOf(';');
            String id = (parameters < 0 ? member : member.substring(0, parameters))
                    .strip()
                    .toLowerCase(Locale.ROOT);
            if (id.startsWith(PREFIX)) {
                mirrors.add(id);
            }
        }
        return new Trail(text, mirrors, mirrors.contains(self));
    }

    /** The value for requests of the node {@code self}. */
    String through(String self) {
        return field.isEmpty() ? self : field + ", " + self;
    }

    /** That of the request or fetch for which the caller works. */
    public static Trail current() {
        Context context = Vertx.currentContext();
        return context == null ? NONE : of(context);
    }

    /** That of {@code context}. */
    public static Trail of(Context context) {
        var locals = ContextInternal.LOCAL_MAP.get(context);
        return locals != null && locals.get(Trail.class) instanceof Trail trail ? trail : NONE;
    }

    /** Has {@code context} work for a request of this trail. */
    public void in(Context context) {
        if (!equals(NONE)) {
            ContextInternal.LOCAL_MAP.get(context, ConcurrentHashMap::new).put(Trail.class, this);
        }
    }
}
