package dev.flotilla.agent.bucket;

import dev.flotilla.agent.trust.MetadataFile;
import dev.flotilla.agent.trust.TargetPath;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.RegionName;
import dev.flotilla.vocabulary.Sha256;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where everything lies in a fleet's bucket. Nobody else builds an object's name. */
public final class BucketLayout {
    /** What all that controllers have written down begins with. */
    public static final String AUDIT = "audit/";

    /** What all metadata begin with. */
    public static final String METADATA = "metadata/";

    /** What all that is known of drills begins with. */
    public static final String DRILLS = "drills/";

    /** What all wheels that were built for the fleet begin with. */
    public static final String WHEELS = "wheels/";

    /** What the history of drills begins with; what follows sorts by time. */
    public static final String DRILL_HISTORY = DRILLS + "history/";

    private static final Pattern AUDIT_RECORD = Pattern.compile(AUDIT + "chain/([0-9]{10})\\.json");

    private static final Pattern WHEEL = Pattern.compile(WHEELS + "[^/]+/[^/]+/[0-9a-f]{64}/[^/]+\\.whl");

    /** All that a fleet writes, but for its lock: metadata, targets under their digests, reports, records. */
    private static final Pattern OF_A_FLEET = Pattern.compile("metadata/([0-9]+\\.[a-z-]+|timestamp)\\.json"
            + "|targets/([^/]+/)*[0-9a-f]{64}\\.[^/]+"
            + "|nodes/[^/]+/[^/]+\\.json"
            + "|" + WHEELS + "[^/]+/[^/]+/[0-9a-f]{64}/[^/]+"
            + "|audit/(chain/)?[^/]+\\.json"
            + "|" + DRILLS + "(history/)?[^/]+\\.json");

    private BucketLayout() {}

    /**
     * Metadata of The Update Framework. All but the timestamp, the pointer that the others hang on, carry their version in
     * their name and are written once.
     */
    public static ObjectKey metadata(MetadataFile file) {
        return new ObjectKey(METADATA + file.name());
    }

    /** The pointer. The only metadata that are ever overwritten, and only by condition. */
    public static ObjectKey timestamp() {
        return metadata(MetadataFile.timestamp());
    }

    /** A file that releases offer, under its digest (TUF 1.0, section 6.2, consistent snapshots). */
    public static ObjectKey target(TargetPath path, Sha256 digest) {
        int slash = path.value().lastIndexOf('/');
        String folder = path.value().substring(0, slash + 1);
        return new ObjectKey("targets/" + folder + digest + "." + path.value().substring(slash + 1));
    }

    /** What a node says about itself. */
    public static ObjectKey report(RegionName region, NodeName node) {
        return new ObjectKey("nodes/" + region + "/" + node + ".json");
    }

    /** What a controller did: records by their number. Those that earlier versions left lie beside, by their time. */
    public static ObjectKey auditRecord(long number) {
        return new ObjectKey(AUDIT + "chain/" + "%010d".formatted(number) + ".json");
    }

    /**
     * A wheel that was built for a platform, or what belongs to it, under the wheel's digest: written once, and nobody else's name.
     *
     * @param filename of the wheel, or what it begins
     */
    public static ObjectKey wheel(PlatformSlug platform, ProjectName project, Sha256 digest, String filename) {
        return new ObjectKey(WHEELS + platform + "/" + project + "/" + digest + "/" + filename);
    }

    /** Whether a wheel lies there, and not what belongs to one. */
    public static boolean isWheel(ObjectKey key) {
        return WHEEL.matcher(key.value()).matches();
    }

    /** The number of the record that lies there, if one does. */
    public static Optional<Long> auditNumber(ObjectKey key) {
        Matcher matcher = AUDIT_RECORD.matcher(key.value());
        return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    }

    /** Which record is the last. */
    public static ObjectKey auditHead() {
        return new ObjectKey(AUDIT + "head.json");
    }

    /** The drill that is under way, or was the last. */
    public static ObjectKey currentDrill() {
        return new ObjectKey(DRILLS + "current.json");
    }

    /** What came of a drill. */
    public static ObjectKey drill(String id) {
        return new ObjectKey(DRILL_HISTORY + id + ".json");
    }

    /** Whether an object in a fleet's bucket is one that the fleet has written. */
    public static boolean isFleets(ObjectKey key, String fleet) {
        return key.equals(lock(fleet)) || OF_A_FLEET.matcher(key.value()).matches();
    }

    /** The lock that controllers of a fleet hold one after the other. Its name holds the fleet's: who mistakes the bucket locks out nobody. */
    public static ObjectKey lock(String fleet) {
        return new ObjectKey("lock/" + fleet + ".json");
    }
}
