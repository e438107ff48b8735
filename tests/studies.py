"""A small study that goes through every step in seconds, for the tests of the line."""

SMALL = """
name = "small"
title = "Nine asteroids, two home ports"
seed = 7
samples = 60

[catalogue]
asteroids = ["2000 SG344", "2006 RH120", "Bennu", "Ryugu", "Itokawa", "1991 VG", "2010 UE51", "2014 HM187", "2009 QR"]

[access]
ports = ["earth-400km", "mars-phobos"]
window = { first = "2028-01-01", last = "2030-12-31" }
shoemaker_helin_below_km_s = 7.5
hohmann_below_km_s = 7.5
screened = 5
screened_large = 3

[capture]
destinations = ["sun-earth-l2", "mars-1sol"]
candidates = 1

[economy]
businesses = [["water", "eml1"], ["metal", "mars-orbit"]]

[report]
porkchops = 2
"""
