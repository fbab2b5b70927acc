package dev.flotilla.controller.wheels;

import dev.flotilla.agent.bucket.BucketLayout;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.vocabulary.PlatformSlug;
import java.util.List;

/** Where wheels and what belongs to them lie in the bucket, and how an index leads there. Pure. */
public final class WheelPlace {
    private static final String LOG = ".log";
    private static final String PROVENANCE = ".provenance.json";

    private WheelPlace() {}

    /** {@link IllegalArgumentException} where its name can't be an object's. */
    public static ObjectKey wheel(PlatformSlug platform, PublishedWheel wheel) {
        return place(platform, wheel, "");
    }

    /** What its build said. */
    public static ObjectKey log(PlatformSlug platform, PublishedWheel wheel) {
        return place(platform, wheel, LOG);
    }

    /** How it came about. */
    public static ObjectKey provenance(PlatformSlug platform, PublishedWheel wheel) {
        return place(platform, wheel, PROVENANCE);
    }

    /** A wheel's object and all that belong to it, the wheel last: as long as it is there, whoever uploads it brings nothing else. */
    public static List<ObjectKey> all(ObjectKey wheel) {
        return List.of(new ObjectKey(wheel.value() + LOG), new ObjectKey(wheel.value() + PROVENANCE), wheel);
    }

    private static ObjectKey place(PlatformSlug platform, PublishedWheel wheel, String ending) {
        return BucketLayout.wheel(platform, wheel.project(), wheel.digest(), wheel.filename() + ending);
    }

    static String url(PlatformSlug platform, PublishedWheel wheel) {
        return relative(platform, wheel(platform, wheel));
    }

    static String logUrl(PlatformSlug platform, PublishedWheel wheel) {
        return relative(platform, log(platform, wheel));
    }

    /** From the platform's folder. A plus is a space to some servers. */
    private static String relative(PlatformSlug platform, ObjectKey key) {
        return key.value()
                .substring((BucketLayout.WHEELS + platform + "/").length())
                .replace("+", "%2B");
    }
}
