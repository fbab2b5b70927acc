package dev.flotilla.mirror;

import dev.flotilla.mirror.wheels.WheelIndexText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Wheels built for the fleet: the folder that an agent keeps, and the place in which the wheels are. */
final class SampleWheelhouse implements AutoCloseable {
    static final String PLATFORM = "debian-12-x86_64";

    private final SampleUpstream bucket = SampleUpstream.json();
    private final Path folder;
    private WheelIndexText index = WheelIndexText.of(PLATFORM);

    SampleWheelhouse(Path folder) throws IOException {
        this.folder = folder;
    }

    /** The part of a mirror's configuration that names it. */
    String configuration() {
        return "wheels { path = \"" + folder + "\", " + source() + " }\n";
    }

    /** The same without the folder. */
    String sourceAlone() {
        return "wheels { " + source() + " }\n";
    }

    private String source() {
        return "source = \"" + bucket.index().replace("/simple/", "/wheels/") + "\", look = 100 ms";
    }

    /** Has this wheel, in the bucket and in the index, but doesn't write the index yet. */
    SampleWheelhouse with(String project, String filename, byte[] content, byte[] metadata) {
        bucket.offer(project, filename, content);
        index = index.with(project, filename, content, metadata);
        return this;
    }

    SampleWheelhouse with(SampleWheel wheel) throws IOException {
        return with(wheel.project(), wheel.filename(), wheel.content(), wheel.metadata());
    }

    /** Puts the index into the folder as an agent does. */
    SampleWheelhouse publish() throws IOException {
        return publish(index.text());
    }

    SampleWheelhouse publish(String text) throws IOException {
        return publish(PLATFORM, text);
    }

    SampleWheelhouse publish(String platform, String text) throws IOException {
        Path place = folder.resolve(platform);
        Files.createDirectories(place);
        Path fresh = Files.writeString(place.resolve(".index.json"), text);
        Files.move(fresh, place.resolve("index.json"), StandardCopyOption.ATOMIC_MOVE);
        return this;
    }

    SampleUpstream bucket() {
        return bucket;
    }

    @Override
    public void close() {
        bucket.close();
    }
}
